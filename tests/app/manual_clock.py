"""Time that passes only when a test says so, and work that waits until a test lets it go on."""

from threading import Event


class ManualClock:
    """What `time.perf_counter` is in the program."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += seconds


class Gate:
    """Open, until it is held; `reached` tells that somebody waits at it."""

    def __init__(self):
        self._open = Event()
        self._open.set()
        self.reached = Event()

    def hold(self):
        self.reached.clear()
        self._open.clear()

    def release(self):
        self._open.set()

    def pass_through(self):
        self.reached.set()
        assert self._open.wait(10)
