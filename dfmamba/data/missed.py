"""Hands that MediaPipe missed in photographs: found by a finder, believed if the hand network is.

A finder that learns that a missed hand is no hand learns to miss it. So what an earlier finder
finds beside MediaPipe's hands is shown to the hand network, and so are the hands on which
MediaPipe's views do not agree: a clear hand is learned, a doubtful one neither learned nor held
against the finder.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfmamba.finder.decode import Found
from dfmamba.hand import PALM, Side
from dfmamba.images import Picture
from dfmamba.pipeline.detect import crop_of
from dfmamba.pipeline.finder import FinderDetector, rough_joints
from dfmamba.pipeline.reader import HandReader, Reading

LEAST_SCORE = 0.2
"""Of the finder's hands; the network has the last word."""
CLEAR = 0.7
"""A reading's score (`Reading.score`) above which a hand is learned."""
DOUBTFUL = 0.55
"""Below it there is no hand: seen by eye, below this nearly all were none."""
SAME = 0.35
"""Palms nearer than this, of the longer box's side, are of one hand."""

Doubles = NDArray[np.float64]


class MoreHands(NamedTuple):
    """N hands of a picture that MediaPipe's labels do not have."""

    joints_px: Doubles
    """(N, 21, 2): the network's joints, pixels of the picture."""
    right: NDArray[np.bool_]
    """(N,): whether it is the person's right hand."""
    clear: NDArray[np.bool_]
    """(N,): whether to learn it; the others are places where a hand may be."""


class Consensus:
    """A finder and the hand network, asked together."""

    def __init__(self, finder: FinderDetector, reader: HandReader) -> None:
        """The finder should find much (`LEAST_SCORE`)."""
        self.finder, self.reader = finder, reader

    def checked(self, picture: Picture, joints_px: Doubles) -> NDArray[np.bool_]:
        """Which of the hands (N, 21, 2) of a picture the network sees clearly, where they are."""
        if not len(joints_px):
            return np.zeros(0, bool)
        best = self._read(picture, joints_px)
        near = [
            _apart(each[0].joints_px, hand) < SAME
            for each, hand in zip(best, joints_px, strict=True)
        ]
        return np.array([b[0].score > CLEAR and n for b, n in zip(best, near, strict=True)])

    def more(self, picture: Picture, known: Doubles) -> MoreHands:
        """The hands that are not among those known (K, 21, 2)."""
        found = self.finder.found(picture)
        rows = [row for row in range(len(found.score)) if _new(found, row, known)]
        joints: list[Doubles] = []
        right: list[bool] = []
        clear: list[bool] = []
        if rows:
            rough = rough_joints(found.rows(np.array(rows)))
            rough = np.stack([each[0].joints_px for each in self._read(picture, rough)])
            for reading, side in self._read(picture, rough):
                others = [*known, *joints]
                new = all(_apart(reading.joints_px, other) >= SAME for other in others)
                if reading.score > DOUBTFUL and new:
                    joints.append(reading.joints_px)
                    right.append(side == "right")
                    clear.append(reading.score > CLEAR)
        return MoreHands(
            np.array(joints).reshape(-1, 21, 2), np.array(right, bool), np.array(clear, bool)
        )

    def _read(self, picture: Picture, joints_px: Doubles) -> list[tuple[Reading, Side]]:
        """Each hand (N, 21, 2), read as right and as left, the better one."""
        sides: tuple[Side, Side] = ("right", "left")
        crops = [crop_of(hand, side) for hand in joints_px for side in sides]
        readings = [each[0] for each in self.reader(picture, crops)[0]]
        pairs = zip(readings[::2], readings[1::2], strict=True)
        return [
            max(zip(pair, sides, strict=True), key=lambda each: each[0].score * each[0].right_side)
            for pair in pairs
        ]


def _new(found: Found, row: int, known: Doubles) -> bool:
    size = (found.box[row, 2:] - found.box[row, :2]).max()
    middles = known[:, list(PALM)].mean(1)
    return bool((np.linalg.norm(middles - found.palm[row], axis=1) > SAME * size).all())


def _apart(one: Doubles, other: Doubles) -> float:
    """The distance of two hands' palms (21, 2), of the longer side of the larger box."""
    size = max(np.ptp(one, axis=0).max(), np.ptp(other, axis=0).max(), 1.0)
    middle = one[list(PALM)].mean(0) - other[list(PALM)].mean(0)
    return float(np.linalg.norm(middle) / size)
