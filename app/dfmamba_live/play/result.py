"""What playing gives: a frame with its hands, and the place where the newest one waits."""

from dataclasses import dataclass
from threading import Condition
from typing import Generic, TypeVar

from dfmamba.frame import Frame
from dfmamba.pipeline import Estimate
from dfmamba_live.review import Difference

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Result:
    """One frame with what was found in it.

    dropped: frames of the source that were never looked at, so far. started, finished: when the
    estimator took the frame and when it was done, by `time.perf_counter`. pending: whether its
    hands are still being found; the estimate is empty. difference: to the weights it is compared
    with.
    """

    frame: Frame
    estimate: Estimate
    dropped: int
    started: float
    finished: float
    pending: bool = False
    difference: Difference | None = None


class Slot(Generic[T]):
    """Holds one item between two threads; a newer one takes its place."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._item: T | None = None

    def put(self, item: T) -> bool:
        """Leave an item; True where nothing had to give way."""
        with self._changed:
            was_empty = self._item is None
            self._item = item
            self._changed.notify()
        return was_empty

    def take(self, timeout: float = 0.0) -> T | None:
        """The item, waited for up to `timeout` seconds; None where there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None, timeout)
            item, self._item = self._item, None
        return item
