"""Opening what a person asked for: a camera, a path, or what there is."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dfmamba.errors import UserError
from dfmamba_live import settings
from dfmamba_live.assets import DEMO
from dfmamba_live.camera import AS_IT_LIKES, Camera, Mode
from dfmamba_live.sources.base import Kind, Source
from dfmamba_live.sources.drivers import cameras, find_again, open_device
from dfmamba_live.sources.images import SUFFIXES, Images
from dfmamba_live.sources.lookup import FrameReader, PictureReader, VideoReader
from dfmamba_live.sources.recorded import Recorded, RecordingReader, is_recording
from dfmamba_live.sources.video import Video

FILES: dict[Kind, tuple[Callable[[Path, bool], Source], Callable[[Path], FrameReader]]] = {
    "recorded": (Recorded, RecordingReader),
    "images": (Images, PictureReader),
    "video": (Video, VideoReader),
}
"""What plays a file or folder, and what looks its frames up."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Choice:
    """What a person picked in the window: a camera, else a path, else the built-in clip."""

    camera: Camera | None = None
    """A camera that is plugged in."""
    mode: Mode = AS_IT_LIKES
    """What to ask it for."""
    path: Path | None = None
    """A file or folder."""


def open_choice(choice: Choice) -> Source:
    """Open what was picked, without waiting for a camera; files repeat without end.

    Raises:
        UserError: the path holds no pictures.
    """
    if choice.camera is not None:
        return open_camera(choice.camera, choice.mode, wait=False)
    return open_path(choice.path or DEMO, loop=True)


def open_camera(camera: Camera, mode: Mode = AS_IT_LIKES, wait: bool = True) -> Source:
    """Open a camera and remember it for the next start.

    Without `wait` it starts in its own time: reading tells how it goes.

    Raises:
        UserError: with `wait`, there is no such camera, or it sends nothing.
    """
    source = open_device(camera, mode, wait)
    settings.remember_camera(camera, mode)
    return source


def open_path(path: Path, loop: bool = False) -> Source:
    """Open a video, a recording, a picture or a folder of them; with `loop` it never ends.

    Raises:
        UserError: it is none of these, or not one picture can be read from it.
    """
    play, _ = FILES[_kind(path)]
    return play(path, loop)


def open_frames(path: Path) -> FrameReader:
    """Open what `open_path` opens for going back and forth in it.

    Raises:
        UserError: it is nothing of that kind.
    """
    _, look_up = FILES[_kind(path)]
    return look_up(path)


def open_usual(mode: Mode | None = None, loop: bool = False) -> Source:
    """Open the camera of last time, else the first one, else the built-in clip.

    `mode`: another one than that of last time.

    Raises:
        UserError: there is nothing to open.
    """
    camera, usual_mode = _usual_camera()
    try:
        return open_camera(camera, mode or usual_mode)
    except UserError as error:
        if not DEMO.is_file():
            raise UserError(f"{error}; the built-in clip {DEMO} is missing too") from error
        log.info("%s; playing the built-in clip", error)
        return Video(DEMO, loop)


def _kind(path: Path) -> Kind:
    if not path.exists():
        raise UserError(f"there is no file or folder {path}; check the name")
    if not (path.is_file() or path.is_dir()):  # a pipe would be waited for without end
        raise UserError(f"{path} is no file and no folder; a camera is opened with --camera 0")
    if not os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK):
        raise UserError(f"{path} may not be read by you; change its permissions")
    if is_recording(path):
        return "recorded"
    return "images" if path.is_dir() or path.suffix.lower() in SUFFIXES else "video"


def _usual_camera() -> tuple[Camera, Mode]:
    last = settings.last_camera()
    if last and (place := find_again(last[0])):
        return place, last[1]
    return next(iter(cameras()), Camera(0)), AS_IT_LIKES
