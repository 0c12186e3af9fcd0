"""What was found in each frame of a clip, and how sure the network was of it.

An estimate is settled once it comes from a run over the clip from its first frame, frame by frame,
as an export makes it: it depends on the clip alone. Until then a frame that a person looks at has a
first estimate, of a run that began where they jumped to: it may depend slightly on which frames
were visited before. A settled estimate is never replaced by a first one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import SIDES
from dfmamba.pipeline import Estimate
from dfmamba_live.result import Difference
from dfmamba_live.review.cache import Cache

ESTIMATE_BYTES = 64 << 20
LOW_CONFIDENCE = 0.5
"""A frame is one of low confidence where a hand was found whose joints are right with a mean
probability under this."""


@dataclass(frozen=True, eq=False)
class Finding:
    """What is known of a frame."""

    estimate: Estimate
    """Its hands."""
    settled: bool
    """See the module."""
    difference: Difference | None = None
    """How far the weights that are compared lie apart; None while none are, or not yet."""


@dataclass(frozen=True, eq=False)
class Overview:
    """A clip's frames at a glance, as they are known so far."""

    confidence: NDArray[np.float32]
    """(2, N): the mean over the joints of the left and the right hand, 0 to 1; NaN for no hand."""
    seen: NDArray[np.bool_]
    """(N,): whether there is an estimate."""
    settled: NDArray[np.bool_]
    """(N,): whether it is settled."""

    @property
    def low(self) -> NDArray[np.bool_]:
        """Whether a frame (N,) holds a hand of low confidence."""
        below: NDArray[np.bool_] = (self.confidence < LOW_CONFIDENCE).any(axis=0)
        return below


class Findings:
    """What was found, by frame index; safe between threads.

    Of all frames the overview is kept, of those looked at last the estimates too.
    """

    def __init__(self, frames: int, limit: int = ESTIMATE_BYTES) -> None:
        self._lock = Lock()
        self._confidence = np.full((len(SIDES), frames), np.nan, np.float32)
        self._seen = np.zeros(frames, np.bool_)
        self._settled = np.zeros(frames, np.bool_)
        self._kept: Cache[int, Finding] = Cache(limit, _bytes)

    def get(self, index: int) -> Finding | None:
        """The finding of a frame, or None where there is none (any more)."""
        return self._kept.get(index)

    def settled(self, index: int) -> bool:
        """Whether there is a settled estimate of a frame, or was."""
        return bool(self._settled[index])

    def put(self, index: int, finding: Finding) -> None:
        """Take in a finding."""
        with self._lock:
            known = self._kept.get(index)
            if known is None or finding.settled or not known.settled:
                self._kept.put(index, finding)
            if finding.settled or not self._settled[index]:
                self._confidence[:, index] = _confidence(finding.estimate)
                self._seen[index], self._settled[index] = True, finding.settled

    def overview(self) -> Overview:
        """What is known by now."""
        with self._lock:
            return Overview(self._confidence.copy(), self._seen.copy(), self._settled.copy())

    def low_after(self, index: int) -> int | None:
        """The next frame of low confidence among those seen so far."""
        return _first(np.flatnonzero(self.overview().low[index + 1 :]) + index + 1)

    def low_before(self, index: int) -> int | None:
        """The frame of low confidence before this one, among those seen so far."""
        return _first(np.flatnonzero(self.overview().low[:index])[::-1])


def _confidence(estimate: Estimate) -> NDArray[np.float32]:
    """By side (2,); of two hands of one side the surer one, NaN for none."""
    told = [
        [hand.confidence.mean() for hand in estimate.hands if hand.side == side] for side in SIDES
    ]
    return np.array([max(each, default=np.nan) for each in told], np.float32)


def _first(indices: Sequence[int] | NDArray[np.int64]) -> int | None:
    return int(indices[0]) if len(indices) else None


def _bytes(finding: Finding) -> int:
    regions = finding.estimate.regions
    parts = chain.from_iterable((*region.hands, *region.traces) for region in regions)
    arrays = [
        each for part in parts for each in vars(part).values() if isinstance(each, np.ndarray)
    ]
    return 1024 + sum(each.nbytes for each in arrays)
