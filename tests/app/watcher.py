"""A player of the review, and every view that it has shown."""

from threading import Event
from time import perf_counter

from dfmamba_live.review.player import Player


class Watcher:
    """A player and every view it has shown."""

    def __init__(self, clip, estimator):
        self.views, self.failures, self.changes = [], [], 0
        self.moved = Event()
        self.player = Player(
            clip.open, estimator, shown=self._take, changed=self._change,
            filled=self.moved.set, told=self.failures.append, failed=self.failures.append,
        )  # fmt: skip

    def _take(self):
        view = self.player.take()
        if view is not None:
            self.views.append(view)
        self.moved.set()

    def _change(self):
        self.changes += 1

    def until(self, met, patience_s=5.0):
        end = perf_counter() + patience_s
        while not met():
            self.moved.clear()
            assert perf_counter() < end, "it did not happen"
            self.moved.wait(0.02)

    @property
    def indices(self):
        return [view.frame.index for view in self.views]

    def complete(self, index):
        """Whether the newest view is a frame with its own hands."""
        view = self.views[-1] if self.views else None
        return view is not None and view.frame.index == index and view.sight is not None

    def go(self, index):
        self.player.seek(index)
        self.until(lambda: self.complete(index))
