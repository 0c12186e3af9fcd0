"""Small pictures of a clip, made once in the background: for the timeline, and for quick scrubs."""

import logging
from collections.abc import Callable, Iterator
from threading import Event
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba_live.review.cache import Cache
from dfmamba_live.sources import FrameReader

EDGE = 160
"""Longer side of a thumbnail, px."""
LIMIT = 32 << 20
"""Bytes for all thumbnails of a clip: of a long one not every frame gets one."""
COARSE = 24
"""So many, spread over the clip, are made before all others."""

log = logging.getLogger(__name__)


class Thumbnails:
    """Thumbnails by frame index, RGB uint8; safe between one thread that adds and others."""

    def __init__(self, frames: int, edge: int = EDGE, limit: int = LIMIT) -> None:
        self._frames, self._edge, self._limit = frames, edge, limit
        self._pictures: dict[int, NDArray[np.uint8]] = {}
        self._places = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self._pictures)

    def order(self, shape: tuple[int, ...]) -> Iterator[int]:
        """The frames, each (H, W, 3), to make thumbnails of: a few over the whole clip first."""
        height, width = _size(shape, self._edge)
        step = -(-self._frames * height * width * 3 // self._limit)
        coarse = np.unique(np.linspace(0, self._frames - 1, COARSE).astype(int)).tolist()
        yield from coarse
        yield from sorted(set(range(0, self._frames, max(step, 1))) - set(coarse))

    def add(self, index: int, image: NDArray[np.uint8]) -> None:
        """Reduce a frame (H, W, 3)."""
        height, width = _size(image.shape, self._edge)
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        self._pictures[index] = np.asarray(small, np.uint8)
        self._places = np.sort(np.append(self._places, index))

    def nearest(self, index: int) -> NDArray[np.uint8] | None:
        """The thumbnail of the frame that lies nearest, or None where there is none yet."""
        places = self._places
        if not len(places):
            return None
        return self._pictures[int(places[np.abs(places - index).argmin()])]


class Thumbnailer:
    """Reads a clip once for its thumbnails; `run` is the thread's work.

    Frames that come by are left in the cache of whole frames while there is room. made: called
    after each thumbnail.
    """

    def __init__(
        self,
        open_clip: Callable[[], FrameReader],
        frames: int,
        cache: Cache[int, Frame],
        made: Callable[[], None],
    ) -> None:
        self.thumbnails = Thumbnails(frames)
        self._open_clip, self._cache, self._made = open_clip, cache, made
        self._closing = Event()

    def run(self) -> None:
        """Make all thumbnails, the later ones at leisure."""
        clip = self._open_clip()
        try:
            first = self._first(clip)
            for index in self.thumbnails.order(first.image.shape) if first else ():
                began = perf_counter()
                self._make(clip, index)
                self._made()
                leisurely = len(self.thumbnails) > COARSE
                if self._closing.wait(3 * (perf_counter() - began) if leisurely else 0):
                    return
        finally:
            clip.close()

    def close(self) -> None:
        """Let the thread go."""
        self._closing.set()

    def _first(self, clip: FrameReader) -> Frame | None:
        """The first frame that can be read."""
        frames = (self._read(clip, i) for i in range(len(clip)) if not self._closing.is_set())
        return next((frame for frame in frames if frame is not None), None)

    def _make(self, clip: FrameReader, index: int) -> None:
        frame = self._read(clip, index)
        if frame is not None:
            self._cache.offer(index, frame)
            self.thumbnails.add(index, frame.image)

    def _read(self, clip: FrameReader, index: int) -> Frame | None:
        try:
            return self._cache.get(index) or clip.read(index)
        except UserError as error:
            log.debug("no thumbnail: %s", error)
            return None


def _size(shape: tuple[int, ...], edge: int) -> tuple[int, int]:
    height, width = shape[:2]
    scale = min(edge / max(height, width), 1.0)
    return max(round(height * scale), 1), max(round(width * scale), 1)
