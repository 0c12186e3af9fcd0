"""Where frames come from: cameras, videos, folders of pictures."""

from dfmamba_live.assets import DEMO
from dfmamba_live.camera import AS_IT_LIKES, MODES, Camera, Mode
from dfmamba_live.sources.base import Kind, Source, SourceAway
from dfmamba_live.sources.drivers import camera_at, cameras, open_device
from dfmamba_live.sources.lookup import FrameReader
from dfmamba_live.sources.opening import (
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
    "FrameReader",
    "Kind",
    "Mode",
    "Source",
    "SourceAway",
    "camera_at",
    "cameras",
    "open_camera",
    "open_choice",
    "open_device",
    "open_frames",
    "open_path",
    "open_usual",
]
