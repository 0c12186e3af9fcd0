"""What surfaces look like: skins, things worn, light, backgrounds."""
