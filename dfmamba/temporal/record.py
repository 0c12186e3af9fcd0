"""What the network reads on a video, frame by frame, before anything is smoothed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch

from dfmamba.frame import Frame
from dfmamba.hand import Side
from dfmamba.metrics import Doubles, distances
from dfmamba.model import HandNetwork
from dfmamba.pipeline import HandEstimator
from dfmamba.pipeline.detect import USUAL, Detector, DetectorName
from dfmamba.pose import HandPose

FOLLOWED = 0.5
"""A hand is the same as before if its joints moved by less than this share of its size."""
GAP_S = 0.5
"""A hand gone for longer is another one."""


class Signals(NamedTuple):
    """One hand at T times."""

    times_s: Doubles
    """(T,): s."""
    pixels: Doubles
    """(T, 21, 2): joints in the frame, pixels."""
    shape: Doubles
    """(T, 21, 3): joints around the wrist, mm."""
    root: Doubles
    """(T, 1, 3): the wrist in the camera frame, mm; nan where unknown."""
    confidence: Doubles
    """(T, 21): of the joints, 0 to 1."""


@dataclass
class Series:
    """One hand through a video."""

    indices: list[int] = field(default_factory=list)
    """The frames in which it was seen, from 0."""
    times_s: list[float] = field(default_factory=list)
    """Their times, s."""
    poses: list[HandPose] = field(default_factory=list)
    """What was read in each of them."""

    def add(self, index: int, time_s: float, pose: HandPose) -> None:
        """The hand in one more frame."""
        self.indices.append(index)
        self.times_s.append(time_s)
        self.poses.append(pose)

    @property
    def sides(self) -> list[Side]:
        """What it was taken for in each frame."""
        return [pose.side for pose in self.poses]

    @property
    def flips(self) -> int:
        """How often its side changed."""
        return sum(before != after for before, after in pairwise(self.sides))

    @property
    def gaps(self) -> int:
        """Frames between its first and its last in which it was not seen."""
        return self.indices[-1] - self.indices[0] + 1 - len(self.indices)

    def runs(self, least: int) -> list[Signals]:
        """The stretches of at least that many frames in which it is seen in each, on one side."""
        starts = [0]
        for row, (before, after) in enumerate(pairwise(zip(self.indices, self.sides, strict=True))):
            if after != (before[0] + 1, before[1]):
                starts.append(row + 1)
        ends = [*starts[1:], len(self.poses)]
        return [
            self._signals(slice(start, end))
            for start, end in zip(starts, ends, strict=True)
            if end - start >= least
        ]

    def _signals(self, rows: slice) -> Signals:
        poses = self.poses[rows]
        unknown = np.full(3, np.nan)
        roots = [unknown if pose.root_mm is None else pose.root_mm for pose in poses]
        return Signals(
            np.array(self.times_s[rows]),
            np.stack([pose.joints_px for pose in poses]),
            np.stack([pose.joints_mm for pose in poses]),
            np.stack(roots)[:, None],
            np.stack([pose.confidence for pose in poses]),
        )


@dataclass(frozen=True)
class Recording:
    """What was read of a video."""

    hands: tuple[Series, ...]
    """Its hands, in the order in which they came."""
    shown: tuple[int, ...]
    """How many hands each frame showed."""

    @property
    def flips(self) -> int:
        """Changes of side of all hands."""
        return sum(hand.flips for hand in self.hands)

    @property
    def gaps(self) -> int:
        """Frames in which a hand was missed that came again."""
        return sum(hand.gaps for hand in self.hands)


def record(
    network: HandNetwork,
    frames: Iterable[Frame],
    device: str | torch.device = "cpu",
    detector: Detector | DetectorName = USUAL,
) -> Recording:
    """Read a video's hands as the pipeline does, but smooth nothing."""
    estimator = HandEstimator(network, device, smooth=False, detector=detector)
    hands: list[Series] = []
    shown = []
    try:
        for index, frame in enumerate(frames):
            poses = estimator(frame).hands
            shown.append(len(poses))
            recent = [hand for hand in hands if frame.time_s - hand.times_s[-1] < GAP_S]
            for pose in poses:
                series = _nearest(pose, recent)
                if series is None:
                    series = Series()
                    hands.append(series)
                else:
                    recent.remove(series)
                series.add(index, frame.time_s, pose)
    finally:
        estimator.close()
    return Recording(tuple(hands), tuple(shown))


def _nearest(pose: HandPose, hands: Iterable[Series]) -> Series | None:
    """Of the hands so far the one that a pose continues."""
    size = float(np.ptp(pose.joints_px, axis=0).max())

    def moved(hand: Series) -> float:
        return float(distances(hand.poses[-1].joints_px, pose.joints_px).mean()) / size

    near = min(hands, key=moved, default=None)
    return near if near is not None and moved(near) < FOLLOWED else None
