"""Capture and inference off the main thread; only the newest frame and the newest result count."""

from dataclasses import replace
from functools import partial
from math import inf
from threading import Event
from time import perf_counter

from PySide6.QtCore import QObject, Signal

from dfmamba.frame import Frame
from dfmamba.pipeline import HandEstimator
from dfmamba_live.attempts import Attempts
from dfmamba_live.latest import Clock, Latest
from dfmamba_live.result import Result
from dfmamba_live.sources import Source, SourceAway
from dfmamba_live.threads import Job, Threads

FAR_BEHIND_S = 1.0


class Pace:
    """Plays a file at its own speed.

    A clock that has fallen far behind, or times that start again, set it anew: no racing.
    """

    def __init__(self, clock: Clock = perf_counter) -> None:
        self._clock = clock
        self._start = self._time_s = inf

    def wait_s(self, time_s: float) -> float:
        """Seconds until the frame of time `time_s` is due."""
        now = self._clock()
        if time_s < self._time_s or now - self._start - time_s > FAR_BEHIND_S:
            self._start = now - time_s
        self._time_s = time_s
        return max(0.0, self._start + time_s - now)


class LivePlaying(QObject):
    """Reads a source and estimates hands in two threads; a `Playing`.

    `away` carries why a source has no frame for now, and "" once it goes on; `ended` tells that the
    source is over. The source and the estimator stay the caller's to close, after `stop`.
    """

    ready = Signal()
    away = Signal(str)
    told = Signal(str)
    failed = Signal(str)
    ended = Signal()

    def __init__(
        self, source: Source, estimator: HandEstimator, clock: Clock = perf_counter
    ) -> None:
        super().__init__()
        self._attempts = Attempts("hand estimation", self.told.emit)
        self.tracing = False
        self._source, self._estimator, self._clock = source, estimator, clock
        self._frames: Latest[Frame] = Latest()
        self._results: Latest[Result] = Latest()
        self._stopping, self._running = Event(), Event()
        self._running.set()
        self._reason_away = ""
        self._dropped = 0
        self._last_index: int | None = None
        jobs = [
            Job("_capture", "source", self._capture),
            Job("_infer", "hand estimation", self._infer),
        ]
        self._threads = Threads(jobs, self.failed.emit)

    def start(self) -> None:
        """Start both threads."""
        self._threads.start()

    def stop(self) -> bool:
        """Stop and join both threads; False where one hangs in a driver and was left behind."""
        self._stopping.set()
        self._running.set()
        return self._threads.join()

    def pause(self, paused: bool) -> None:
        """Hold the source, or go on."""
        self._last_index = None  # what a camera saw during a pause was not dropped
        if paused:
            self._running.clear()
        else:
            self._running.set()

    def again(self, frame: Frame) -> None:
        """Estimate a frame once more, as for its traces while paused."""
        self._frames.put(frame)

    def take(self) -> Result | None:
        """The newest result not taken yet."""
        return self._results.take()

    def _capture(self) -> None:
        pace = Pace(self._clock)
        while not self._stopping.is_set():
            if not self._running.is_set():
                self._running.wait()
                pace = Pace(self._clock)
                continue
            try:
                frame = self._source.read()
            except SourceAway as reason:
                self._tell_away(str(reason))
                continue
            self._tell_away("")
            if frame is None:
                self.ended.emit()
                return
            if not self._source.live:
                while (wait_s := pace.wait_s(frame.time_s)) and not self._stopping.wait(wait_s):
                    pass
                frame = replace(frame, captured=perf_counter())
            self._frames.put(frame)

    def _tell_away(self, reason: str) -> None:
        if reason != self._reason_away:
            self._reason_away = reason
            self.away.emit(reason)

    def _infer(self) -> None:
        while not self._stopping.is_set():
            frame = self._frames.take(timeout=0.1)
            if frame is None:
                continue
            started = perf_counter()
            self._count_dropped(frame.index)
            self._estimator.tracing = self.tracing
            estimate = self._attempts(frame.index, partial(self._estimator, frame))
            if estimate is None:
                self._estimator.reset()
                continue
            result = Result(frame, estimate, self._dropped, started, perf_counter())
            if self._results.put(result):
                self.ready.emit()

    def _count_dropped(self, index: int) -> None:
        # Gaps in the numbers tell what the camera or the exchange let go; a loop starts at 0 again.
        if self._last_index is not None:
            self._dropped += max(0, index - self._last_index - 1)
        self._last_index = index
