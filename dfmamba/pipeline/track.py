"""Hands followed from frame to frame, so that the detector rarely has to run."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import Crop
from dfmamba.hand import Side
from dfmamba.pipeline.detect import CROP_SCALE, Detection, crop_of
from dfmamba.pipeline.smooth import PoseSmoother

LEAST_SCORE = 0.3
"""A hand whose joints are less sure than this on the mean is lost."""
LEAST_INSIDE = 0.5
"""Share of a hand's joints that must lie in the frame."""
LEAST_SIDE_PX = 8.0
MOST_SIDE = 1.5
"""The longest edge of a hand's box, over the longer side of the frame."""
SAME_HAND = 0.4
"""Overlap (intersection over union) from which two boxes are of one hand."""
VOTES = 5
"""The latest detections of a hand, which decide together whether it is left or right."""
SETTLED = 3
"""Votes that a new hand gets in a row: on hands seen edge-on the detector often errs once."""
SEARCH_EVERY_S = 0.5


@dataclass(eq=False)
class Track:
    """One hand over time.

    crop: where the network looks for it next. votes: the sides that detections gave it, the
    latest last. score: the network's, 0 to 1.
    """

    crop: Crop
    votes: deque[Side]
    score: float = 0.0
    smoother: PoseSmoother = field(default_factory=PoseSmoother)

    @classmethod
    def start(cls, detection: Detection) -> "Track":
        """A new track where the detector saw a hand."""
        return cls(detection.crop, deque([detection.side], maxlen=VOTES))

    @property
    def side(self) -> Side:
        """What most votes say; the first of them on a tie, so that it does not flicker."""
        return max(self.votes, key=self.votes.count)

    def vote(self, side: Side) -> None:
        """Take in what side a detection gave this hand."""
        before = self.side
        self.votes.append(side)
        if self.side != before:
            self.crop = replace(self.crop, mirrored=self.side == "left")
            self.smoother = PoseSmoother()  # the pose read as the other hand is no start


class Tracker:
    """The tracks of a clip, at most `max_hands`."""

    def __init__(self, max_hands: int) -> None:
        self._max_hands = max_hands
        self._searched_s = 0.0
        self.tracks: list[Track] = []

    def search_due(self, time_s: float) -> bool:
        """Whether the detector should run: a hand is new, or it is time to look for another."""
        if not all(len(track.votes) >= SETTLED for track in self.tracks):
            return True
        if len(self.tracks) == self._max_hands:
            return False
        return not self.tracks or time_s - self._searched_s >= SEARCH_EVERY_S

    def take_in(self, detections: Sequence[Detection], time_s: float) -> None:
        """Vote for the sides of known hands; start tracks for new ones, the surest first."""
        self._searched_s = time_s
        for detection in sorted(detections, key=lambda each: -each.score):
            known = max(
                self.tracks, key=lambda track: _overlap(track.crop, detection.crop), default=None
            )
            if known is not None and _overlap(known.crop, detection.crop) >= SAME_HAND:
                known.vote(detection.side)
            elif len(self.tracks) < self._max_hands:
                self.tracks.append(Track.start(detection))

    def follow(
        self,
        joints_px: Sequence[NDArray[np.float64]],
        scores: Sequence[float],
        frame_size: tuple[int, int],
    ) -> list[int]:
        """Move each track to where the network found its hand; drop lost and doubled tracks.

        joints_px: (21, 2) in frame pixels for each of `tracks`, scores: the mean confidence.
        frame_size: width, height. Returns the places, in the given order, of the tracks kept.
        """
        present = [
            index
            for index, (joints, score) in enumerate(zip(joints_px, scores, strict=True))
            if score >= LEAST_SCORE and _plausible(joints, frame_size)
        ]
        for index in present:
            track = self.tracks[index]
            track.crop, track.score = crop_of(joints_px[index], track.side), scores[index]
        doubled = self._doubled(present)
        kept = [index for index in present if index not in doubled]
        self.tracks = [self.tracks[index] for index in kept]
        return kept

    def _doubled(self, present: list[int]) -> set[int]:
        """Of two tracks on one hand, the less sure one."""
        return {
            min(pair, key=lambda index: self.tracks[index].score)
            for pair in combinations(present, 2)
            if _overlap(*(self.tracks[index].crop for index in pair)) >= SAME_HAND
        }


def _plausible(joints_px: NDArray[np.float64], frame_size: tuple[int, int]) -> bool:
    if not np.isfinite(joints_px).all():
        return False
    side = float(np.ptp(joints_px, axis=0).max())
    return share_inside(
        joints_px, frame_size
    ) >= LEAST_INSIDE and LEAST_SIDE_PX <= side <= MOST_SIDE * max(frame_size)


def share_inside(joints_px: NDArray[np.float64], frame_size: tuple[int, int]) -> float:
    """The share, 0 to 1, of joints (21, 2) that lie in a frame of that width and height."""
    return float(((joints_px >= 0) & (joints_px <= frame_size)).all(axis=1).mean())


def _overlap(one: Crop, other: Crop) -> float:
    """Intersection over union of the hands' boxes, taken as squares without the crops' margin."""
    a, b = one.side / CROP_SCALE, other.side / CROP_SCALE
    width, height = (
        max(0.0, min(p + a / 2, q + b / 2) - max(p - a / 2, q - b / 2))
        for p, q in ((one.x, other.x), (one.y, other.y))
    )
    shared = width * height
    return shared / (a * a + b * b - shared)
