"""A place between two threads where only the newest item waits."""

from collections.abc import Callable
from threading import Condition
from time import perf_counter
from typing import Generic, TypeVar

T = TypeVar("T")

Clock = Callable[[], float]
"""Seconds that only grow, as `time.perf_counter` counts them; tests turn a clock of their own."""


class Latest(Generic[T]):
    """Holds one item; a newer one takes its place."""

    def __init__(self, clock: Clock = perf_counter) -> None:
        self.closed = False
        self._clock = clock
        self._changed = Condition()
        self._item: T | None = None
        self._rank = -1
        self._used_s = clock()

    def put(self, item: T, rank: int = 0) -> bool:
        """Leave an item, unless one of a higher rank came before; True where none waited."""
        with self._changed:
            was_empty = self._item is None
            if rank >= self._rank:
                self._rank, self._item, self._used_s = rank, item, self._clock()
                self._changed.notify()
        return was_empty

    def take(self, timeout: float | None = 0.0) -> T | None:
        """The item, waited for up to `timeout` seconds, without end if that is None.

        None where there is none, and once closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self.closed, timeout)
            item, self._item = self._item, None
            if item is not None:
                self._used_s = self._clock()
        return None if self.closed else item

    @property
    def quiet_s(self) -> float:
        """Seconds since an item was left or taken."""
        return self._clock() - self._used_s

    def close(self) -> None:
        """Wake the thread that waits, and let it go."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()
