"""Where a hand is, and whether two sightings are of one hand: by its palm, not by its box.

The boxes of clasped hands are the same; the middles of their palms and the ways they point are not.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import MIDDLE_MCP, PALM, WRIST

OPPOSITE = 0.3
"""What pointing the opposite way counts, in hands' sizes."""
SAME = 0.25
"""Sightings nearer than this in one frame are of one hand."""
SAME_JOINTS = 0.2
"""As are joints that are on the mean nearer than this share of the hand's size."""


class Place(NamedTuple):
    """A hand's place in a frame."""

    palm: NDArray[np.float64]
    """(2,): the middle of the palm, frame pixels."""
    direction: NDArray[np.float64]
    """(2,): unit, from the wrist to the middle finger's knuckle; 0 where they coincide."""
    size: float
    """The longer side of the joints' box, px, at least 1."""

    @classmethod
    def of(cls, joints_px: NDArray[np.float64]) -> "Place":
        """The place of joints (21, 2)."""
        along = joints_px[MIDDLE_MCP] - joints_px[WRIST]
        return cls(
            palm=joints_px[list(PALM)].mean(0),
            direction=along / max(float(np.linalg.norm(along)), 1e-6),
            size=max(float(np.ptp(joints_px, axis=0).max()), 1.0),
        )

    def gap(self, other: "Place") -> float:
        """How far two sightings are from being of one hand, in sizes of the larger one.

        A small hand behind a large palm is hidden: what is found there is a part of the large one.
        """
        away = float(np.linalg.norm(self.palm - other.palm)) / max(self.size, other.size)
        return away + OPPOSITE * (1 - float(self.direction @ other.direction)) / 2


def joints_apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The mean distance of joints (21, 2), in sizes of the larger hand."""
    size = max(Place.of(one).size, Place.of(other).size)
    return float(np.linalg.norm(one - other, axis=1).mean()) / size
