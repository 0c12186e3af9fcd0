"""What a person wants to see, and a place where only the newest of it waits."""

from dataclasses import dataclass
from threading import Condition
from time import perf_counter
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Want:
    """A frame that is wanted. ticket: grows with every want. playing: whether it came by itself.

    asked: `time.perf_counter()` when it became due.
    """

    ticket: int
    index: int
    playing: bool
    asked: float


class Inbox(Generic[Item]):
    """Holds what was wanted last for a thread that works on one item at a time.

    Older items are dropped, by ticket, whichever way they come.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._item: Item | None = None
        self._ticket = -1
        self._touched = 0.0
        self.closed = False

    def put(self, ticket: int, item: Item) -> None:
        """Leave an item in the place of what waits, unless a newer one came before."""
        with self._changed:
            if ticket >= self._ticket:
                self._ticket, self._item, self._touched = ticket, item, perf_counter()
                self._changed.notify()

    def take(self, timeout: float | None = None) -> Item | None:
        """The item, waited for; None after `timeout` seconds or once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self.closed, timeout)
            item, self._item = self._item, None
            self._touched = perf_counter() if item is not None else self._touched
        return None if self.closed else item

    @property
    def quiet_s(self) -> float:
        """Seconds since an item was left or taken."""
        return perf_counter() - self._touched

    def close(self) -> None:
        """Wake the thread, and let it go."""
        with self._changed:
            self.closed = True
            self._changed.notify()
