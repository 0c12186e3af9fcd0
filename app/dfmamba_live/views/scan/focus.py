"""Which token a person looks at: the one under a joint, or under a place of the crop."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import Side
from dfmamba.pipeline import Estimate
from dfmamba_live.views.scan.field import TracedHand
from dfmamba_live.views.scan.places import tokens_at

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Focus:
    """A joint, or else a place in the crop, of one hand; it stays with the hand as that moves.

    place: (x, y) from 0 to 1 across the crop. near_px: the crop's centre when it was last seen,
    which tells two hands of one side apart.
    """

    side: Side
    joint: int | None
    place: tuple[float, float]
    near_px: tuple[float, float]

    def hand(self, estimate: Estimate) -> int | None:
        """Which of an estimate's hands it is."""
        away = {
            index: np.hypot(crop.x - self.near_px[0], crop.y - self.near_px[1])
            for index, (hand, crop) in enumerate(zip(estimate.hands, estimate.crops, strict=True))
            if hand.side == self.side
        }
        return min(away, key=lambda index: away[index], default=None)

    def token(self, hand: TracedHand) -> int | None:
        """The token of that hand's layer; None where a joint has left the crop."""
        if self.joint is None:
            point = hand.crop.to_frame(np.array(self.place), 1)
        else:
            point = hand.pose.joints_px[self.joint]
        found = tokens_at(hand.trace, hand.crop, point[None])
        return int(found[0]) if len(found) else None

    def followed(self, estimate: Estimate) -> "Focus":
        """The same, with where its hand is now."""
        hand = self.hand(estimate)
        if hand is None:
            return self
        return replace(self, near_px=(estimate.crops[hand].x, estimate.crops[hand].y))


def pick(estimate: Estimate, point_px: Floats, reach_px: float) -> Focus | None:
    """What lies under a point (2,) of the frame: a joint within reach, else a place in a crop."""
    if not estimate.hands:
        return None
    joints = np.stack([hand.joints_px for hand in estimate.hands])
    away = np.linalg.norm(joints - point_px, axis=-1)
    hand, joint = np.unravel_index(int(away.argmin()), away.shape)
    if away[hand, joint] <= reach_px:
        return _focus(estimate, int(hand), int(joint), joints[hand, joint])
    places = [crop.to_crop(point_px, 1) for crop in estimate.crops]
    inside = [i for i, place in enumerate(places) if (place >= 0).all() and (place < 1).all()]
    if not inside:
        return None
    # Where crops overlap, the one whose middle is nearer.
    nearest = min(inside, key=lambda i: float(np.abs(places[i] - 0.5).max()))
    return _focus(estimate, nearest, None, point_px)


def _focus(estimate: Estimate, hand: int, joint: int | None, point_px: Floats) -> Focus:
    crop = estimate.crops[hand]
    x, y = crop.to_crop(point_px, 1).tolist()
    return Focus(estimate.hands[hand].side, joint, (x, y), (crop.x, crop.y))
