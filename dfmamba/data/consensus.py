"""MediaPipe asked several times: of a picture, its mirror image, and turned copies.

Where the answers agree, their median is better than any of them; where they do not, the label is
not to be trusted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import Side
from dfmamba.metrics import box_sides, distances
from dfmamba.opencv import opencv_matrix
from dfmamba.pipeline.landmarker import SeenHand

TURNS_DEG = (-25.0, 25.0)
SAME_HAND = 0.35
"""Joints of two views on the mean less than this share of the box apart are of one hand."""

Teacher = Callable[[NDArray[np.uint8]], list[SeenHand]]


@dataclass(frozen=True)
class CheckedHand:
    """A hand seen in several views of one picture."""

    hand: SeenHand
    """As the plain view saw it, with the median joints of all views and the side that most views
    say.
    """
    views: int
    """How many of the `VIEWS` saw it."""
    spread: float
    """How far the views' joints are from their median, on the mean, as a share of the box's longer
    side.
    """
    unanimous: bool
    """Whether all views say the same side."""


VIEWS = 2 + len(TURNS_DEG)


def checked_hands(picture: NDArray[np.uint8], teacher: Teacher) -> list[CheckedHand]:
    """The hands that a teacher finds in an RGB picture (H, W, 3), checked in the other views."""
    seen = teacher(picture)
    if not seen:
        return []
    others = [_mirrored(picture, teacher), *(_turned(picture, teacher, by) for by in TURNS_DEG)]
    return [_checked(hand, others) for hand in seen]


def _checked(hand: SeenHand, others: Sequence[Sequence[SeenHand]]) -> CheckedHand:
    size = float(box_sides(hand.joints_px[None])[0])
    same = [hand]
    for view in others:
        apart = [distances(hand.joints_px, other.joints_px).mean() / size for other in view]
        if apart and min(apart) < SAME_HAND:
            same.append(view[int(np.argmin(apart))])
    joints = np.stack([each.joints_px for each in same])
    median = np.median(joints, axis=0)
    sides: list[Side] = [each.side for each in same]
    side = max(sides, key=sides.count)
    return CheckedHand(
        hand=replace(hand, joints_px=median, side=side),
        views=len(same),
        spread=float(distances(joints, np.broadcast_to(median, joints.shape)).mean() / size),
        unanimous=len(set(sides)) == 1,
    )


def _mirrored(picture: NDArray[np.uint8], teacher: Teacher) -> list[SeenHand]:
    width = picture.shape[1]
    flip: dict[Side, Side] = {"left": "right", "right": "left"}
    return [
        replace(hand, joints_px=hand.joints_px * [-1, 1] + [width, 0], side=flip[hand.side])
        for hand in teacher(np.ascontiguousarray(picture[:, ::-1]))
    ]


def _turned(picture: NDArray[np.uint8], teacher: Teacher, degrees: float) -> list[SeenHand]:
    """Hands seen in the picture turned about its middle, on a canvas that holds all of it."""
    height, width = picture.shape[:2]
    middle = (width / 2, height / 2)
    matrix = np.asarray(cv2.getRotationMatrix2D(middle, degrees, 1.0), np.float64)
    reach = np.abs(matrix[:, :2]) @ [width, height]
    matrix[:, 2] += (reach - [width, height]) / 2
    canvas = (int(np.ceil(reach[0])), int(np.ceil(reach[1])))
    turned = cv2.warpAffine(picture, opencv_matrix(matrix), canvas, borderMode=cv2.BORDER_REPLICATE)
    back = np.linalg.inv(matrix[:, :2])
    return [
        replace(hand, joints_px=np.asarray((hand.joints_px - matrix[:, 2]) @ back.T))
        for hand in teacher(np.asarray(turned, np.uint8))
    ]
