"""A camera that is none: made pictures at a steady rate, for tests and for trying the program."""

from time import perf_counter, sleep

import cv2
import numpy as np

from app.sources.base import Frame, Kind


class Simulated:
    """A disc going round on a grey ground, `count` frames of it (None: without end)."""

    kind: Kind = "simulated"
    live = True
    path = None

    def __init__(
        self, width: int = 640, height: int = 480, rate: float = 30.0, count: int | None = None
    ) -> None:
        self.name = "simulated camera"
        self.frame_count = count
        self.rate = rate
        self._size = np.array([width, height])
        self._index = -1
        self._start = perf_counter()

    def read(self) -> Frame | None:
        """The newest frame, once its time has come; those that were missed are dropped."""
        due = int((perf_counter() - self._start) * self.rate)
        self._index = max(self._index + 1, due)
        if self.frame_count is not None and self._index >= self.frame_count:
            return None
        time_s = self._index / self.rate
        sleep(max(0.0, self._start + time_s - perf_counter()))
        return Frame(self._draw(time_s), self._index, time_s, perf_counter())

    def close(self) -> None:
        """End the stream."""
        self.frame_count = 0

    def _draw(self, time_s: float) -> np.typing.NDArray[np.uint8]:
        width, height = self._size
        image = np.full((height, width, 3), 96, np.uint8)
        centre = self._size * (0.5 + 0.25 * np.array([np.cos(time_s), np.sin(time_s)]))
        cv2.circle(image, centre.astype(int).tolist(), int(height) // 8, (224, 172, 140), -1)
        return image
