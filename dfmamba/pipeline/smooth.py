"""The One Euro filter (Casiez, Roussel and Vogel 2012): steady at rest, quick in motion."""

from functools import partial
from math import pi

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM

MIN_CUTOFF_HZ = 0.5
"""Cut-off at rest: lower is steadier and lags more."""
BETA = 8.0
"""Rise of the cut-off, Hz, for a speed of one hand's size per second.

As `python -m dfmamba temporal` measures, these two are the steadiest that keep a quick hand within
15 ms. A low cut-off that opens fast beats a high one: 2 Hz and 4 are less steady at rest, and still
lag by 18 ms."""
SPEED_CUTOFF_HZ = 1.0
"""Cut-off of the speed estimate."""
SAME_INSTANT_S = 1e-6
"""Samples closer than this tell nothing of speed."""
HAND_SIZE_MM = 2 * WRIST_TO_MIDDLE_MCP_MM


class OneEuro:
    """Smooths points (..., D) over time; the speed that opens the filter is each point's own."""

    def __init__(self, min_cutoff_hz: float = MIN_CUTOFF_HZ, beta: float = BETA) -> None:
        self._min_cutoff_hz, self._beta = min_cutoff_hz, beta
        self._time_s = 0.0
        self._value: NDArray[np.float64] | None = None
        self._velocity: NDArray[np.float64] | None = None

    def __call__(
        self, value: NDArray[np.float64], time_s: float, unit: float = 1.0
    ) -> NDArray[np.float64]:
        """The smoothed points. `unit`: the length, in the points' unit, that speeds count in."""
        if self._value is None or self._velocity is None:
            self._time_s, self._value, self._velocity = time_s, value, np.zeros_like(value)
            return value
        elapsed = time_s - self._time_s
        if elapsed < SAME_INSTANT_S:
            return self._value
        velocity = (value - self._value) / elapsed
        self._velocity = _blend(self._velocity, velocity, _share(SPEED_CUTOFF_HZ, elapsed))
        speed = np.linalg.norm(self._velocity, axis=-1, keepdims=True) / unit
        share = _share(self._min_cutoff_hz + self._beta * speed, elapsed)
        self._time_s, self._value = time_s, _blend(self._value, value, share)
        return self._value


def _share(cutoff_hz: float | NDArray[np.float64], elapsed_s: float) -> float | NDArray[np.float64]:
    """The new sample's share in a first-order low pass, 0 to 1."""
    turn = 2 * pi * cutoff_hz * elapsed_s
    return turn / (turn + 1)


def _blend(
    old: NDArray[np.float64], new: NDArray[np.float64], share: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.asarray(old + share * (new - old), np.float64)


class PoseSmoother:
    """Steadies one hand: its joints in the frame, around the wrist, and the wrist in space."""

    def __init__(self, min_cutoff_hz: float = MIN_CUTOFF_HZ, beta: float = BETA) -> None:
        self._new = partial(OneEuro, min_cutoff_hz, beta)
        self._pixels, self._shape, self._root = self._new(), self._new(), self._new()

    def __call__(
        self,
        joints_px: NDArray[np.float64],
        joints_mm: NDArray[np.float64],
        root_mm: NDArray[np.float64] | None,
        time_s: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64] | None]:
        """Joints (21, 2) and (21, 3), and the root (3,) where there is one, smoothed."""
        size_px = float(np.ptp(joints_px, axis=0).max())
        joints_px = self._pixels(joints_px, time_s, size_px)
        joints_mm = self._shape(joints_mm, time_s, HAND_SIZE_MM)
        if root_mm is None:
            self._root = self._new()
        else:
            root_mm = self._root(root_mm, time_s, HAND_SIZE_MM)
        return joints_px, joints_mm, root_mm
