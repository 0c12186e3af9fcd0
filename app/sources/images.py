"""Pictures: one, or those of a folder in the order that a person would count them."""

import logging
import re
from collections.abc import Generator
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from app.sources.base import Frame, Kind
from dfmamba.errors import UserError

SUFFIXES = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
RATE = 2.0
"""Pictures have no time of their own: slow enough to look at each."""

log = logging.getLogger(__name__)


class Images:
    """A picture, or the readable ones of a folder; with `loop` again and again in growing time."""

    kind: Kind = "images"
    live = False
    rate = RATE

    def __init__(self, path: Path, loop: bool = False) -> None:
        """List the pictures and read the first one.

        Raises:
            UserError: no picture can be read.
        """
        self.name = path.resolve().name
        self._files = sorted(_pictures(path), key=natural) if path.is_dir() else [path]
        self.frame_count: int | None = len(self._files)
        self._loop = loop
        self._shown = 0
        self._pictures = self._play()
        self._next = next(self._pictures, None)
        if self._next is None:
            raise UserError(f"no picture can be read from {path}; give a folder of .jpg or .png")

    def read(self) -> Frame | None:
        """The next picture that can be read, None at the end."""
        if self._next is None:
            return None
        index, file, image = self._next
        time_s = self._shown / self.rate
        self._shown += 1
        self._next = next(self._pictures, None)
        return Frame(image, index, time_s, perf_counter(), file)

    def close(self) -> None:
        """Forget the pictures."""
        self._next = None
        self._pictures.close()

    def _play(self) -> Generator[tuple[int, str, NDArray[np.uint8]]]:
        """Index among the readable pictures, file name, RGB."""
        while True:
            index = 0
            for path in self._files:
                image = _read(path)
                if image is not None:
                    yield index, path.name, image
                    index += 1
            if not (self._loop and index):
                return


def _pictures(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.suffix.lower() in SUFFIXES]


def natural(path: Path) -> list[tuple[int, str]]:
    """A sorting key by which frame2.png comes before frame10.png."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _read(path: Path) -> NDArray[np.uint8] | None:
    # Bytes first: OpenCV itself opens no path with other than ASCII letters on Windows.
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error):
        image = None
    if image is None:
        log.warning("%s cannot be read and is left out", path)
        return None
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
