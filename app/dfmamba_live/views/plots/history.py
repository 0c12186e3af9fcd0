"""What was measured over the last seconds."""

from bisect import bisect_left
from collections import deque

import numpy as np
from numpy.typing import NDArray

SPAN_S = 10.0
RATE_WINDOW_S = 1.0
REDRAW_S = 0.1
"""Ten redraws a second are enough for the eye and leave the processor to the network."""


class History:
    """Samples of the last seconds.

    A sample is its time in seconds and one value for each name.
    """

    def __init__(self, *names: str) -> None:
        self._names = names
        self._samples: deque[tuple[float, ...]] = deque()

    def add(self, time_s: float, **values: float) -> None:
        """Append a sample and let go of what is too old."""
        self._samples.append((time_s, *(values[name] for name in self._names)))
        while self._samples[0][0] < time_s - SPAN_S:
            self._samples.popleft()

    def curves(self) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
        """Ages (N,) in seconds, 0 the newest, and values (N,) by name."""
        table = np.array(self._samples, np.float64).reshape(-1, 1 + len(self._names))
        ages = table[:, 0] - (table[-1, 0] if len(table) else 0.0)
        return ages, dict(zip(self._names, table[:, 1:].T, strict=True))

    def rate(self) -> float:
        """Samples a second over the last second, or from the last but one; 0 before that."""
        times = [time for time, *_ in self._samples]
        if len(times) < 2:
            return 0.0
        first = min(bisect_left(times, times[-1] - RATE_WINDOW_S), len(times) - 2)
        return (len(times) - 1 - first) / (times[-1] - times[first])
