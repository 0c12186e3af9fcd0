"""A player of the review, by a clock that a test turns, and every result that it has shown."""

from threading import Event
from time import monotonic

from manual_clock import ManualClock

from dfmamba_live.review.inference import QUIET_S
from dfmamba_live.review.player import Player

PATIENCE_S = 60.0


class Watcher:
    """The player's listener."""

    def __init__(self, clip, estimator):
        self.results, self.messages, self.changes = [], [], 0
        self.moved, self.clock = Event(), ManualClock()
        self.player = Player(clip.open, estimator, self, self.clock)

    def on_result(self):
        result = self.player.take()
        if result is not None:
            self.results.append(result)
        self.moved.set()

    def on_change(self):
        self.changes += 1
        self.moved.set()

    def on_progress(self):
        self.moved.set()

    def on_message(self, line):
        self.messages.append(line)

    on_failure = on_message

    def until(self, met):
        end = monotonic() + PATIENCE_S
        while not met():
            self.moved.clear()
            assert monotonic() < end, "it did not happen"
            self.moved.wait(0.01)

    def settle(self):
        """Let the run over the whole clip come to its end."""

        def settled():
            self.clock.advance(QUIET_S)  # again and again: what is under way now ends later
            return self.player.findings.overview().settled.all()

        self.until(settled)

    @property
    def indices(self):
        return [result.frame.index for result in self.results]

    @property
    def newest(self):
        return self.results[-1]

    def complete(self, index):
        """Whether the newest result is a frame with its own hands."""
        return bool(self.results) and self.newest.frame.index == index and not self.newest.pending

    def go(self, index):
        self.player.seek(index)
        self.until(lambda: self.complete(index))

    def play_on(self, seconds, shown=None):
        """Let time pass; wait until the frame that is due then is shown, with its hands or as
        `shown` says."""
        self.clock.advance(seconds)
        self.player.set_speed(1.0)  # it looks at the clock again
        index = self.player.transport.index
        self.until(lambda: (shown or self.complete)(index))
