"""Finding the hands of the frames that are looked at, and then of all others, in one thread."""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any, Protocol

from dfmamba.errors import UserError, in_one_line
from dfmamba.frame import Frame
from dfmamba.pipeline import STAGES, Estimate, HandEstimator
from dfmamba.pipeline.reader import HandReader
from dfmamba_live.attempts import Attempts
from dfmamba_live.latest import Clock, Latest
from dfmamba_live.result import Difference
from dfmamba_live.review.cache import Cache
from dfmamba_live.review.comparison import ComparedNetwork
from dfmamba_live.review.findings import Finding, Findings
from dfmamba_live.review.requests import Request
from dfmamba_live.sources import FrameReader

QUIET_S = 0.3
"""The run over the whole clip goes on once nothing was asked for so long."""
NEAR_S = 0.25
"""A frame this soon after the one before is followed; one further on is looked at afresh."""

NO_WORK: dict[str, Any] = {"stage_ms": dict.fromkeys(STAGES, 0.0), "detected": False}

log = logging.getLogger(__name__)


class InferenceListener(Protocol):
    """Who is told of hands, in the inference's thread."""

    def on_found(self, request: Request, frame: Frame, finding: Finding, started: float) -> None:
        """All that is wanted of a frame is known; started: when work on it began."""

    def on_settled(self, index: int) -> None:
        """A frame was settled, see `findings`."""

    def on_message(self, line: str) -> None:
        """Something does not work; a line for people."""


class Inference:
    """Estimates the frame that was asked for last; while none is, the whole clip in its order.

    `run` is the thread's work, until `asked` closes. tracing: whether the deformable layers are
    wanted as well.
    """

    def __init__(
        self,
        open_clip: Callable[[], FrameReader],
        estimator: HandEstimator,
        frames: Cache[int, Frame],
        findings: Findings,
        listener: InferenceListener,
        clock: Clock = perf_counter,
    ) -> None:
        self.asked: Latest[tuple[Request, Frame]] = Latest(clock)
        self.tracing = False
        self._open_clip, self._listener, self._clock = open_clip, listener, clock
        self._frames, self._findings = frames, findings
        self._attempts = Attempts("hand estimation", listener.on_message)
        self._reader = estimator.reader
        self._first, self._steady = estimator.beside(), estimator.beside()
        self._last_s = 0.0
        self._next = 0
        self._other: ComparedNetwork | None = None

    @property
    def comparing(self) -> bool:
        """Whether there is a network to compare with, as far as is known."""
        return self._other is not None

    def compare(self, load: Callable[[], HandReader] | None) -> None:
        """Compare with the network that `load` gives, called in the thread; None: no longer."""
        self._other = ComparedNetwork(load) if load else None

    def recall(self, index: int) -> Finding | None:
        """What is known of a frame without any work."""
        finding, other = self._findings.get(index), self._other
        if finding is None or other is None:
            return finding
        return replace(finding, difference=other.comparison.get(index, finding.estimate))

    def complete(self, finding: Finding) -> bool:
        """Whether all that is wanted now of a frame is known."""
        traced = finding.estimate.traced or not self.tracing
        return traced and (finding.difference is not None or self._other is None)

    def run(self) -> None:
        """Estimate until the end."""
        clip = self._open_clip()
        try:
            while not self.asked.closed:
                busy = self.asked.quiet_s < QUIET_S or self._next >= len(clip)
                asked = self.asked.take(timeout=QUIET_S if busy else 0)
                if asked is not None:
                    self._attempt(asked[0].index, partial(self._serve, *asked))
                elif not busy and not self.asked.closed:
                    self._attempt(self._next, partial(self._go_on, clip))
        finally:
            clip.close()

    def _attempt(self, index: int, work: Callable[[], bool]) -> None:
        if self._attempts(index, work) is None:
            self._first.reset()
            self._steady.reset()

    def _serve(self, request: Request, frame: Frame) -> bool:
        started = self._clock()
        finding = self._findings.get(frame.index) or self._look(frame)
        if self.tracing and not finding.estimate.traced:
            finding = Finding(self._traced(frame, finding.estimate), finding.settled)
            self._findings.put(frame.index, finding)
        difference = self._compare(frame, finding.estimate)
        self._listener.on_found(request, frame, replace(finding, difference=difference), started)
        return True

    def _traced(self, frame: Frame, estimate: Estimate) -> Estimate:
        """The same with traces of its regions."""
        _, traces = self._reader(frame.image, [each.crop for each in estimate.regions], True)
        pairs = zip(estimate.regions, traces, strict=True)
        regions = tuple(replace(region, traces=traces) for region, traces in pairs)
        return replace(estimate, regions=regions, traced=True)

    def _look(self, frame: Frame) -> Finding:
        """An estimate at once: the settled one where the run over the clip has come just here."""
        if not frame.follows or frame.index == self._next:
            return self._settle(frame, self.tracing)
        if not 0 <= frame.time_s - self._last_s <= NEAR_S:
            self._first.reset()
        self._last_s = frame.time_s
        return self._estimate(self._first, frame, self.tracing, settled=False)

    def _go_on(self, clip: FrameReader) -> bool:
        """Settle one more frame, or leave it out."""
        index = self._next
        self._next += 1
        if self._findings.settled(index):  # a picture by itself, which was looked at before
            return False
        try:
            frame = self._frames.get(index) or clip.read(index)
        except UserError as error:
            log.warning("%s", error)
            return False
        self._frames.offer(index, frame)
        self._settle(frame, tracing=False)
        return True

    def _settle(self, frame: Frame, tracing: bool) -> Finding:
        if frame.index == self._next:
            self._next += 1
        finding = self._estimate(self._steady, frame, tracing, settled=True)
        self._listener.on_settled(frame.index)
        return finding

    def _estimate(
        self, estimator: HandEstimator, frame: Frame, tracing: bool, settled: bool
    ) -> Finding:
        estimator.tracing = tracing
        estimate = estimator(frame)
        # Shown once more it costs nothing.
        self._findings.put(frame.index, Finding(replace(estimate, **NO_WORK), settled))
        return Finding(estimate, settled)

    def _compare(self, frame: Frame, estimate: Estimate) -> Difference | None:
        other = self._other
        if other is None:
            return None
        try:
            return other.compare(self._reader, frame.index, frame.image, estimate)
        except Exception as error:
            log.debug("the comparison failed", exc_info=True)
            if self._other is other:
                self._other = None
            self._listener.on_message(in_one_line(error))
            return None
