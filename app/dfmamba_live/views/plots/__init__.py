"""Live plots in the colours of the window."""
