"""What hands hold: shapes of things, and how they are placed in a hand."""
