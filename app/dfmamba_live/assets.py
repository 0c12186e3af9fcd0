"""The program's own files: in the installed package, or in the checkout beside it."""

from pathlib import Path

_PACKAGED = Path(__file__).with_name("assets")
ASSETS = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[2] / "assets"
DEMO = ASSETS / "demo.mp4"
"""The built-in clip."""
ICON = ASSETS / "icon.svg"
