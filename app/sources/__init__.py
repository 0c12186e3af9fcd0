"""Where frames come from: cameras, videos, folders of pictures."""

from app.sources.base import Frame, Kind, Source, SourceAway
from app.sources.devices import AS_IT_LIKES, MODES, Camera, Mode, camera_at, cameras
from app.sources.lookup import FrameReader
from app.sources.opening import (
    DEMO,
    Choice,
    open_camera,
    open_choice,
    open_frames,
    open_path,
    open_usual,
)

__all__ = [
    "AS_IT_LIKES",
    "DEMO",
    "MODES",
    "Camera",
    "Choice",
    "Frame",
    "FrameReader",
    "Kind",
    "Mode",
    "Source",
    "SourceAway",
    "camera_at",
    "cameras",
    "open_camera",
    "open_choice",
    "open_frames",
    "open_path",
    "open_usual",
]
