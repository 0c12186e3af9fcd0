"""Pictures: one, or those of a folder in the order that a person would count them."""

import logging
import re
from collections.abc import Generator
from dataclasses import replace
from itertools import count
from pathlib import Path
from time import perf_counter

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba.images import picture_or_none
from dfmamba_live.sources.base import Kind

SUFFIXES = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
RATE = 2.0
"""Pictures have no time of their own: slow enough to look at each."""

log = logging.getLogger(__name__)


class Images:
    """A picture, or those of a folder; with `loop` again and again in growing time.

    One that cannot be read is left out and keeps its number.
    """

    kind: Kind = "images"
    live = False
    rate = RATE

    def __init__(self, path: Path, loop: bool = False) -> None:
        """List the pictures and read the first one.

        Raises:
            UserError: no picture can be read.
        """
        self.name, self.path = path.resolve().name, path
        self._files = list_pictures(path)
        self.frame_count: int | None = len(self._files)
        self._loop = loop
        self._refused: UserError | None = None  # why the first picture was, that could be read
        self._pictures = self._play()
        self._next = next(self._pictures, None)
        if self._next is None:
            raise self._refused or _empty(path)

    def read(self) -> Frame | None:
        """The next picture that can be read, None at the end."""
        frame = self._next
        self._next = next(self._pictures, None)
        return frame and replace(frame, captured=perf_counter())

    def close(self) -> None:
        """Forget the pictures."""
        self._next = None
        self._pictures.close()

    def _play(self) -> Generator[Frame]:
        for turn in count() if self._loop else range(1):
            readable = False
            for index, path in enumerate(self._files):
                time_s = (turn * len(self._files) + index) / self.rate
                try:
                    frame, told = picture_frame(path, index, time_s), f"{path} cannot be read"
                except UserError as error:
                    frame, told = None, str(error)
                    self._refused = self._refused or error
                if frame is not None:
                    readable = True
                    yield frame
                elif not turn and len(self._files) > 1:  # of a picture alone, all is told
                    log.warning("%s; it is left out", told)
            if not readable:
                return


def picture_frame(path: Path, index: int, time_s: float) -> Frame | None:
    """A picture of a folder as a frame by itself; None where it cannot be read.

    Raises:
        UserError: it is refused: too large, or depth.
    """
    image = picture_or_none(path)
    if image is None:
        return None
    return Frame(image, time_s, index=index, file=path.name, follows=False)


def list_pictures(path: Path) -> list[Path]:
    """A picture alone, or those of a folder in the order that a person would count them.

    Raises:
        UserError: there is none.
    """
    if not path.is_dir():
        return [path]
    found = sorted((p for p in path.iterdir() if p.suffix.lower() in SUFFIXES), key=natural)
    if not found:
        raise _empty(path)
    return found


def _empty(path: Path) -> UserError:
    return UserError(f"no picture can be read from {path}; give a folder of .jpg or .png")


def natural(path: Path) -> list[tuple[int, str]]:
    """A sorting key by which frame2.png comes before frame10.png."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
