"""Which frame of a file it is, and when."""

import heapq
from fractions import Fraction


class Numbers:
    """The index and the time of each frame: those that the stamps of the whole file would give.

    A frame that cannot be decoded keeps its number: others are not renumbered.
    """

    def __init__(self, time_base: Fraction, rate: float) -> None:
        """For stamps in units of `time_base` seconds, of some `rate` frames a second."""
        self._time_base = float(time_base)
        self._step_s = 1 / rate
        self._waiting: list[int] = []
        self._passed = 0
        self._first: int | None = None
        self._last = -1, -self._step_s

    def see(self, stamp: int) -> None:
        """The stamp of a packet that goes to the decoder; its frame may come much later."""
        heapq.heappush(self._waiting, stamp)

    def number(self, stamp: int | None) -> tuple[int, float]:
        """Index and seconds from the file's first frame on; both grow, however damaged it is."""
        index, time_s = self._last[0] + 1, self._last[1] + self._step_s
        if stamp is not None:
            if self._first is None:
                self._first = min(self._waiting, default=stamp)
            while self._waiting and self._waiting[0] < stamp:
                heapq.heappop(self._waiting)
                self._passed += 1
            stamped_s = (stamp - self._first) * self._time_base
            if stamped_s > self._last[1]:
                index, time_s = max(index, self._passed), stamped_s
        self._last = index, time_s
        return self._last
