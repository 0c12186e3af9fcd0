"""What the window shows; a view shows and never decides."""
