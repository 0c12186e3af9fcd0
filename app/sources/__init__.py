"""Where frames come from: cameras, videos, folders of pictures."""

from app.sources.base import Frame, Kind, Source, SourceAway
from app.sources.devices import Camera, Mode, cameras
from app.sources.opening import DEMO, Choice, open_choice, open_path, open_source

__all__ = [
    "DEMO",
    "Camera",
    "Choice",
    "Frame",
    "Kind",
    "Mode",
    "Source",
    "SourceAway",
    "cameras",
    "open_choice",
    "open_path",
    "open_source",
]
