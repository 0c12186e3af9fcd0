"""A camera that is none: made pictures at a steady rate, for tests and for trying the program."""

from pathlib import Path
from time import perf_counter, sleep

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import Intrinsics
from dfmamba.frame import Depth, Frame
from dfmamba_live.sources.base import Kind

DISC_MM, GROUND_MM = 500.0, 1200.0
"""How far away they are."""
UNIT_MM = 0.25
"""Millimetres of one step of the depth."""


class Simulated:
    """A disc going round on a grey ground, `count` frames of it (None: without end).

    With `depth` it is a depth camera: frames carry intrinsics and depth, unknown along one edge.
    """

    kind: Kind = "simulated"
    live = True
    path: Path | None = None

    def __init__(
        self,
        width: int = 640,
        height: int = 480,
        rate: float = 30.0,
        count: int | None = None,
        depth: bool = False,
    ) -> None:
        self.name = "simulated depth camera" if depth else "simulated camera"
        self.frame_count = count
        self.rate = rate
        self._size = np.array([width, height])
        self._depth = depth
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
        disc = self._disc(time_s)
        image = np.where(disc[..., None], (224, 172, 140), 96).astype(np.uint8)
        if not self._depth:
            return Frame(image, time_s, index=self._index, captured=perf_counter())
        values = np.where(disc, DISC_MM / UNIT_MM, GROUND_MM / UNIT_MM).astype(np.uint16)
        values[:, : self._size[0] // 16] = 0  # a second lens sees another part of the world
        camera = Intrinsics.assumed(*self._size.tolist())
        depth = Depth(values, UNIT_MM)
        return Frame(image, time_s, camera, depth, self._index, captured=perf_counter())

    def close(self) -> None:
        """End the stream."""
        self.frame_count = 0

    def _disc(self, time_s: float) -> NDArray[np.bool_]:
        width, height = self._size
        mask = np.zeros((height, width), np.uint8)
        centre = self._size * (0.5 + 0.25 * np.array([np.cos(time_s), np.sin(time_s)]))
        cv2.circle(mask, centre.astype(int).tolist(), int(height) // 8, (1,), -1)
        return np.asarray(mask, np.bool_)
