"""How far two networks' joints lie apart, in a frame and over all frames compared so far.

Both read the same crops, those that the first one's tracking chose, and neither is smoothed: what
differs comes from the weights alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import Crop
from dfmamba.hand import JOINT_COUNT, WRIST, WRIST_TO_MIDDLE_MCP_MM, Side
from dfmamba.pipeline import Estimate
from dfmamba.pipeline.reader import HandReader, Reading
from dfmamba.pose import HandPose
from dfmamba_live.result import Difference, HandDifference
from dfmamba_live.review.cache import Cache

KEPT_BYTES = 16 << 20

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Compared:
    crops: tuple[Crop, ...]
    hands: tuple[HandDifference, ...]
    joints: Floats
    """(2, 21): mm and px, means over the hands."""


class Comparison:
    """Gathers what was compared, by frame index; a frame compared anew takes its old place.

    Safe between threads.
    """

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._lock = Lock()
        self._kept: Cache[int, _Compared] = Cache(limit, lambda each: 1024 * (1 + len(each.hands)))
        self._counted: dict[int, NDArray[np.float32]] = {}
        self._sum = np.zeros((2, JOINT_COUNT))

    def add(self, index: int, estimate: Estimate, hands: Sequence[HandDifference]) -> None:
        """Take in the hands of an estimate of a frame."""
        joints = np.full((2, JOINT_COUNT), np.nan)
        if hands:
            joints = np.mean([[hand.mm, hand.px] for hand in hands], axis=0)
        with self._lock:
            self._sum -= self._counted.pop(index, np.float32(0))
            if hands:
                self._counted[index] = joints.astype(np.float32)
                self._sum += self._counted[index]
        self._kept.put(index, _Compared(_crops(estimate), tuple(hands), joints))

    def get(self, index: int, estimate: Estimate) -> Difference | None:
        """What differs in a frame, or None where the crops of this estimate were not compared."""
        found = self._kept.get(index)
        if found is None or found.crops != _crops(estimate):
            return None
        with self._lock:
            count = len(self._counted)
            mean_mm, mean_px = self._sum / count if count else np.full_like(self._sum, np.nan)
        mm, px = found.joints
        return Difference(found.hands, mm, px, mean_mm, mean_px, count)


class ComparedNetwork:
    """A second network, which `load` reads from disk once it is needed, and how it differs."""

    def __init__(self, load: Callable[[], HandReader]) -> None:
        self.comparison = Comparison()
        self._load = load
        self._reader: HandReader | None = None

    def compare(
        self, first: HandReader, index: int, image: NDArray[np.uint8], estimate: Estimate
    ) -> Difference | None:
        """Let both networks read the crops of an estimate of an RGB frame (H, W, 3).

        Raises:
            UserError: the network cannot be read from disk.
        """
        self._reader = self._reader or self._load()
        if self.comparison.get(index, estimate) is None:
            crops = _crops(estimate)
            readings, _ = first(image, crops)
            others, _ = self._reader(image, crops)
            hands = [
                hand_difference(hand.side, _of(hand, one), _of(hand, other))
                for region, one, other in zip(estimate.regions, readings, others, strict=True)
                for hand in region.hands
            ]
            self.comparison.add(index, estimate, hands)
        return self.comparison.get(index, estimate)


def hand_difference(side: Side, first: Reading, second: Reading) -> HandDifference:
    """Two networks' readings of one hand, compared."""
    one, other = (
        (each.joints - each.joints[WRIST]) * WRIST_TO_MIDDLE_MCP_MM for each in (first, second)
    )
    return HandDifference(
        side,
        second.joints_px,
        np.linalg.norm(one - other, axis=-1),
        np.linalg.norm(first.joints_px - second.joints_px, axis=-1),
    )


def _crops(estimate: Estimate) -> tuple[Crop, ...]:
    return tuple(region.crop for region in estimate.regions)


def _of(hand: HandPose, readings: Sequence[Reading]) -> Reading:
    """Of the readings of a crop the one of a hand: its joints are the nearest."""
    joints_px = hand.joints_px if hand.raw_px is None else hand.raw_px
    return min(readings, key=lambda each: float(np.abs(each.joints_px - joints_px).mean()))
