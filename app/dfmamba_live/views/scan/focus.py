"""Which token a person looks at: the one under a joint, or under a place of the crop."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import dist

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import Side
from dfmamba.pipeline import Estimate, Region
from dfmamba.pose import HandPose
from dfmamba_live.views.scan.field import TracedRegion
from dfmamba_live.views.scan.places import tokens_at

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Focus:
    """A joint, or else a place in the crop, of one hand; it stays with the hand as that moves."""

    side: Side
    """The hand's."""
    joint: int | None
    """Its number; None for a place."""
    place: tuple[float, float]
    """(x, y) from 0 to 1 across the crop."""
    near_px: tuple[float, float]
    """The hand's middle when it was last seen, which tells two hands of one side apart."""

    def find(self, estimate: Estimate) -> tuple[int, HandPose] | None:
        """The hand in an estimate, and the index of its region."""
        same = [each for each in _hands(estimate) if each[1].side == self.side]
        return min(same, key=lambda each: dist(middle(each[1]), self.near_px), default=None)

    def token(self, region: TracedRegion, hand: HandPose) -> int | None:
        """The token of the region's layer; None where a joint has left the crop."""
        if self.joint is None:
            point = region.crop.to_frame(np.array(self.place), 1)
        else:
            point = hand.joints_px[self.joint]
        found = tokens_at(region.trace, region.crop, point[None])
        return int(found[0]) if len(found) else None

    def followed(self, estimate: Estimate) -> "Focus":
        """The same, with where its hand is now."""
        found = self.find(estimate)
        return self if found is None else replace(self, near_px=middle(found[1]))


def middle(hand: HandPose) -> tuple[float, float]:
    """The middle of a hand's box, frame pixels."""
    x0, y0, x1, y1 = hand.box_px.tolist()
    return (x0 + x1) / 2, (y0 + y1) / 2


def pick(estimate: Estimate, point_px: Floats, reach_px: float) -> Focus | None:
    """What lies under a point (2,) of the frame: a joint within reach, else a place in a crop."""
    if not estimate.hands:
        return None
    joints = np.stack([hand.joints_px for hand in estimate.hands])
    away = np.linalg.norm(joints - point_px, axis=-1)
    hand, joint = np.unravel_index(int(away.argmin()), away.shape)
    if away[hand, joint] <= reach_px:
        region, pose = list(_hands(estimate))[hand]
        return _focus(estimate.regions[region], pose, int(joint), joints[hand, joint])
    places = [region.crop.to_crop(point_px, 1) for region in estimate.regions]
    inside = [i for i, place in enumerate(places) if (place >= 0).all() and (place < 1).all()]
    if not inside:
        return None
    # Where crops overlap, the one whose middle is nearer; in a crop of two hands, the nearer hand.
    nearest = estimate.regions[min(inside, key=lambda i: float(np.abs(places[i] - 0.5).max()))]
    pose = min(nearest.hands, key=lambda hand: dist(middle(hand), point_px))
    return _focus(nearest, pose, None, point_px)


def _hands(estimate: Estimate) -> Iterator[tuple[int, HandPose]]:
    for index, region in enumerate(estimate.regions):
        for hand in region.hands:
            yield index, hand


def _focus(region: Region, hand: HandPose, joint: int | None, point_px: Floats) -> Focus:
    x, y = region.crop.to_crop(point_px, 1).tolist()
    return Focus(hand.side, joint, (x, y), middle(hand))
