"""The 3D viewport: `widget` is what the window takes; the rest draws what it shows."""
