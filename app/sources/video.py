"""A video file through PyAV: exact times, upright pictures, whatever a damaged file still holds."""

import logging
from collections.abc import Generator, Iterator
from pathlib import Path
from time import perf_counter

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from app.sources.base import Frame, Kind
from dfmamba.errors import UserError

USUAL_RATE = 30.0

log = logging.getLogger(__name__)
av.logging.set_level(None)  # libav would write to stderr by itself; errors come as exceptions

_OPTIONS = {"protocol_whitelist": "file"}  # a playlist must not lead to the network
_TEXT = "tty"
"""libav's format of text files, which it would draw as a terminal does."""

Picture = tuple[int, float, NDArray[np.uint8]]
"""Index, time in seconds, RGB."""


class Video:
    """The frames of a video file in order, at their own times, turned as the file says.

    With `loop` it starts again at its end: indices start at 0 again, times go on.
    """

    kind: Kind = "video"
    live = False

    def __init__(self, path: Path, loop: bool = False) -> None:
        """Open the file and decode its first frame.

        Raises:
            UserError: not one picture can be read from it.
        """
        self.name = path.name
        self.frame_count: int | None = None
        self.rate = USUAL_RATE
        self._path = path
        self._loop = loop
        self._pictures = self._play()
        self._next = self._advance()
        if self._next is None:
            raise UserError(f"no picture can be read from {path}; it is broken or not a video")

    def read(self) -> Frame | None:
        """The next frame, None at the end."""
        if self._next is None:
            return None
        index, time_s, image = self._next
        self._next = self._advance()
        return Frame(image, index, time_s, perf_counter())

    def close(self) -> None:
        """Close the file."""
        self._next = None
        self._pictures.close()

    def _advance(self) -> Picture | None:
        try:
            return next(self._pictures, None)
        except av.FFmpegError as error:
            log.debug("%s: %s", self.name, error)
            return None

    def _play(self) -> Generator[Picture]:
        start = 0.0
        while True:
            time_s = start
            with av.open(str(self._path), options=_OPTIONS) as container:
                for index, (time, image) in enumerate(self._decode(container)):
                    time_s = start + time
                    yield index, time_s, image
            if not self._loop:
                return
            start = time_s + 1 / self.rate

    def _decode(self, container: InputContainer) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Times from the first picture on, and pictures."""
        if not container.streams.video or container.format.name == _TEXT:
            return
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        self.frame_count = stream.frames or None
        self.rate = float(stream.average_rate or USUAL_RATE)
        first = last = None
        for frame in _readable(container, self.name):
            time = frame.time
            if last is not None and (time is None or time <= last):
                time = last + 1 / self.rate  # a damaged file: time has to grow
            last = time or 0.0
            first = last if first is None else first
            yield last - first, _upright(frame)


def _readable(container: InputContainer, name: str) -> Iterator[av.VideoFrame]:
    packets = container.demux(video=0)
    damaged = 0
    while True:
        try:
            packet = next(packets, None)
            frames = packet.decode() if packet else None
        except av.FFmpegError:
            damaged += 1
            continue
        if frames is None:
            break
        yield from (frame for frame in frames if isinstance(frame, av.VideoFrame))
    if damaged:
        log.warning("%s is damaged: %d parts were left out", name, damaged)


def _upright(frame: av.VideoFrame) -> NDArray[np.uint8]:
    image = frame.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(image, round(frame.rotation / 90)), np.uint8)
