"""Which source a person asked for."""

import logging
from dataclasses import dataclass
from pathlib import Path

from app.sources.base import Source
from app.sources.devices import AS_IT_LIKES, Camera, Mode, camera_at, cameras, find
from app.sources.images import SUFFIXES, Images
from app.sources.remembered import recall, remember
from app.sources.video import Video
from app.sources.webcam import Webcam
from dfmamba.errors import UserError

DEMO = Path(__file__).parents[2] / "assets" / "demo.mp4"
"""The built-in clip."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Choice:
    """What a person picked: a camera, else a path, else the built-in clip."""

    camera: Camera | None = None
    mode: Mode = AS_IT_LIKES
    path: Path | None = None


def open_choice(choice: Choice, loop: bool = True) -> Source:
    """Open what was picked. A camera starts in its own time: reading tells how it goes.

    Raises:
        UserError: the path holds no pictures.
    """
    if choice.camera is not None:
        remember(choice.camera, choice.mode)
        return Webcam(choice.camera, choice.mode, wait=False)
    return open_path(choice.path or DEMO, loop)


def open_path(path: Path, loop: bool = False) -> Source:
    """Open a video, a picture or a folder of pictures.

    Raises:
        UserError: it is none of these, or not one picture can be read from it.
    """
    if not path.exists():
        raise UserError(f"there is no file or folder {path}; check the name")
    pictures = path.is_dir() or path.suffix.lower() in SUFFIXES
    return Images(path, loop) if pictures else Video(path, loop)


def open_source(
    camera: int | None,
    video: Path | None,
    images: Path | None,
    loop: bool = False,
    mode: Mode | None = None,
) -> Source:
    """Open the one source that is named; without any, a camera or else the built-in clip.

    `loop` repeats a video or a folder without end; `mode` is asked of a camera. Without a name
    the camera of last time comes first, in its mode of then.

    Raises:
        UserError: the source is missing, broken or empty.
    """
    if video is not None:
        return Video(video, loop)
    if images is not None:
        return Images(images, loop)
    if camera is not None:
        return _open_camera(camera_at(camera), mode or AS_IT_LIKES)
    usual, usual_mode = _usual_camera()
    try:
        return _open_camera(usual, mode or usual_mode)
    except UserError as error:
        return _demo(error, loop)


def _usual_camera() -> tuple[Camera, Mode]:
    last = recall()
    if last and (place := find(last[0])):
        return place, last[1]
    return next(iter(cameras()), Camera(0)), AS_IT_LIKES


def _open_camera(camera: Camera, mode: Mode) -> Source:
    source = Webcam(camera, mode)
    remember(camera, mode)
    return source


def _demo(reason: UserError, loop: bool) -> Source:
    if not DEMO.is_file():
        raise UserError(f"{reason}; the built-in clip {DEMO} is missing too")
    source = Video(DEMO, loop)
    log.info("%s; playing the built-in clip", reason)
    return source
