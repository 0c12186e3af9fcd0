"""What a driver for cameras of one kind offers."""

from collections.abc import Callable
from dataclasses import dataclass

from dfmamba_live.camera import Camera, Mode
from dfmamba_live.sources.base import Source


@dataclass(frozen=True)
class Driver:
    """How the cameras of one kind are found and opened."""

    name: str
    """Short, and never changed: settings keep it."""
    cameras: Callable[[], list[Camera]]
    """Those that are plugged in; called off the main thread, as drivers of devices may hang."""
    open: Callable[[Camera, Mode, bool], Source]
    """Opens a camera in a mode. If the third argument is true it waits for the first frame, and
    raises UserError where none comes; else reading tells how it goes."""


def find(camera: Camera, cameras: Callable[[], list[Camera]]) -> Camera | None:
    """Where a camera is now among `cameras()`, those of its driver. None: nowhere.

    Cameras are told apart by name, those of one name by number.
    """
    if not camera.name:
        return camera
    same = [each for each in cameras() if each.name == camera.name]
    return camera if camera in same else next(iter(same), None)
