"""Finding the hands of the frames that are looked at, and then of all others, in one thread."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any

from dfmamba.errors import UserError, in_one_line
from dfmamba.frame import Frame
from dfmamba.pipeline import STAGES, Estimate, HandEstimator
from dfmamba.pipeline.reader import HandReader
from dfmamba_live.attempts import Attempts
from dfmamba_live.review.cache import Cache
from dfmamba_live.review.comparison import Difference, Rival
from dfmamba_live.review.findings import Finding, Findings
from dfmamba_live.review.requests import Inbox, Want
from dfmamba_live.sources import FrameReader

QUIET_S = 0.3
"""The run over the whole clip goes on once nothing was wanted for so long."""
NEAR_S = 0.25
"""A frame this soon after the one before is followed; one further on is looked at afresh."""

NO_WORK: dict[str, Any] = {"stage_ms": dict.fromkeys(STAGES, 0.0), "detected": False}

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Sight:
    """What is known of a frame.

    difference: how far the compared weights lie off; None while none are compared, or not yet.
    whole: whether nothing more is to be found out about it.
    """

    finding: Finding
    difference: Difference | None
    whole: bool


class Inference:
    """Estimates the newest wanted frame; while nothing is wanted, the whole clip in its order.

    `run` is the thread's work, until `wanted` is closed. tracing: whether the deformable layers are
    wanted as well.
    found: told each wanted frame, what is known of it now, and when work on it began. settled: told
    each frame that was settled, see `findings`. failed: told a line for people.
    """

    def __init__(
        self,
        open_clip: Callable[[], FrameReader],
        estimator: HandEstimator,
        frames: Cache[int, Frame],
        findings: Findings,
        found: Callable[[Want, Frame, Sight, float], None],
        settled: Callable[[int], None],
        failed: Callable[[str], None],
    ) -> None:
        self.wanted: Inbox[tuple[Want, Frame]] = Inbox()
        self.tracing = False
        self._open_clip = open_clip
        self._frames, self._findings = frames, findings
        self._found, self._settled, self._failed = found, settled, failed
        self._attempts = Attempts("hand estimation", failed)
        self._reader = estimator.reader
        self._first, self._steady = estimator.beside(), estimator.beside()
        self._last_s = 0.0
        self._next = 0
        self._rival: Rival | None = None

    @property
    def comparing(self) -> bool:
        """Whether there is a network to compare with, as far as is known."""
        return self._rival is not None

    def compare(self, load: Callable[[], HandReader] | None) -> None:
        """Compare with the network that `load` gives, called in the thread; None: no longer."""
        self._rival = Rival(load) if load else None

    def recall(self, index: int) -> Sight | None:
        """What is known of a frame without any work."""
        finding, rival = self._findings.get(index), self._rival
        if finding is None:
            return None
        estimate = finding.estimate
        difference = rival.comparison.get(index, estimate) if rival else None
        traced = estimate.traced or not self.tracing
        compared = difference is not None or rival is None
        return Sight(finding, difference, traced and compared)

    def run(self) -> None:
        """Estimate until the end."""
        clip = self._open_clip()
        try:
            while not self.wanted.closed:
                busy = self.wanted.quiet_s < QUIET_S or self._next >= len(clip)
                asked = self.wanted.take(timeout=QUIET_S if busy else 0)
                if asked is not None:
                    self._attempt(asked[0].index, partial(self._serve, *asked))
                elif not busy and not self.wanted.closed:
                    self._attempt(self._next, partial(self._go_on, clip))
        finally:
            clip.close()

    def _attempt(self, index: int, work: Callable[[], bool]) -> None:
        if self._attempts(index, work) is None:
            self._first.reset()
            self._steady.reset()

    def _serve(self, want: Want, frame: Frame) -> bool:
        started = perf_counter()
        finding = self._findings.get(frame.index) or self._look(frame)
        estimate = finding.estimate
        if self.tracing and not estimate.traced:
            estimate = self._traced(frame, estimate)
            finding = Finding(estimate, finding.settled)
            self._findings.put(frame.index, finding)
        sight = Sight(finding, self._compare(frame, estimate), whole=True)
        self._found(want, frame, sight, started)
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
        self._settled(frame.index)
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
        rival = self._rival
        if rival is None:
            return None
        try:
            return rival.compare(self._reader, frame.index, frame.image, estimate)
        except Exception as error:
            log.debug("the comparison failed", exc_info=True)
            if self._rival is rival:
                self._rival = None
            self._failed(in_one_line(error))
            return None
