"""A video file through PyAV: exact times, upright pictures, whatever a damaged file still holds."""

from collections.abc import Generator
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from dfmamba.frame import Frame
from dfmamba.video import upright
from dfmamba_live.sources.base import Kind
from dfmamba_live.sources.decoding import USUAL_RATE, Numbers, decode, open_video, unreadable

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
        self.name, self.path = path.name, path
        self.frame_count: int | None = None
        self.rate = USUAL_RATE
        self._loop = loop
        self._pictures = self._play()
        self._next = next(self._pictures, None)
        if self._next is None:
            raise unreadable(path)

    def read(self) -> Frame | None:
        """The next frame, None at the end."""
        if self._next is None:
            return None
        index, time_s, image = self._next
        self._next = next(self._pictures, None)
        return Frame(image, time_s, index=index, captured=perf_counter())

    def close(self) -> None:
        """Close the file."""
        self._next = None
        self._pictures.close()

    def _play(self) -> Generator[Picture]:
        start = 0.0
        while True:
            time_s = start
            container, stream = open_video(self.path)
            with container:
                self.frame_count = stream.frames or None
                self.rate = float(stream.average_rate or USUAL_RATE)
                numbers = Numbers(stream)
                for frame in decode(container, numbers):
                    index, time = numbers.number(frame)
                    time_s = start + time
                    yield index, time_s, upright(frame)
            if not self._loop:
                return
            start = time_s + 1 / self.rate
