"""Which source a person asked for."""

import logging
from pathlib import Path

from app.sources.base import Source
from app.sources.images import Images
from app.sources.video import Video
from app.sources.webcam import Webcam
from dfmamba.errors import UserError

DEMO = Path(__file__).parents[2] / "assets" / "demo.mp4"
"""The built-in clip."""

log = logging.getLogger(__name__)


def open_source(
    camera: int | None, video: Path | None, images: Path | None, loop: bool = False
) -> Source:
    """Open the one source that is named; without any, camera 0 or else the built-in clip.

    `loop` repeats a video or a folder without end.

    Raises:
        UserError: the source is missing, broken or empty.
    """
    if camera is not None:
        return Webcam(camera)
    if video is not None:
        return Video(video, loop)
    if images is not None:
        return Images(images, loop)
    try:
        return Webcam(0)
    except UserError as error:
        return _demo(error, loop)


def _demo(reason: UserError, loop: bool) -> Source:
    if not DEMO.is_file():
        raise UserError(f"{reason}; the built-in clip {DEMO} is missing too")
    source = Video(DEMO, loop)
    log.info("%s; playing the built-in clip", reason)
    return source
