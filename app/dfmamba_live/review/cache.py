"""A store that never holds more bytes than it may."""

import ctypes
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")


class Cache(Generic[Key, Item]):
    """Items by key, `limit` bytes of them; those not looked at for longest go first.

    Safe between threads.
    """

    def __init__(self, limit: int, size: Callable[[Item], int]) -> None:
        self.limit = limit
        self._size = size
        self._lock = Lock()
        self._items: OrderedDict[Key, Item] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def bytes(self) -> int:
        """What the items take together."""
        return self._bytes

    def get(self, key: Key) -> Item | None:
        """The item, or None where it was never put or had to go."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
            return self._items.get(key)

    def put(self, key: Key, item: Item) -> None:
        """Keep an item; what is larger than the whole store is not kept."""
        with self._lock:
            self._drop(key)
            if self._size(item) > self.limit:
                return
            self._items[key] = item
            self._bytes += self._size(item)
            while self._bytes > self.limit:
                self._drop(next(iter(self._items)))

    def offer(self, key: Key, item: Item) -> bool:
        """Keep an item if it fits beside the others; whether there is room for more like it."""
        with self._lock:
            fits = self._bytes + self._size(item) <= self.limit
            if fits and key not in self._items:
                self._items[key] = item
                self._items.move_to_end(key, last=False)  # nobody has looked at it yet
                self._bytes += self._size(item)
            return fits

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._items.clear()
            self._bytes = 0

    def _drop(self, key: Key) -> None:
        item = self._items.pop(key, None)
        if item is not None:
            self._bytes -= self._size(item)


def give_back_memory() -> None:
    """Return to the system what was freed; glibc would keep hundreds of MB of it, in pieces."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL("libc.so.6").malloc_trim(0)
