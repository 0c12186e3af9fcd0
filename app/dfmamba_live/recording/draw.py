"""Hands drawn into a picture, for files; the window paints its own."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import BONES, JOINT_COLOURS
from dfmamba.opencv import SHIFT, opencv_points
from dfmamba.pose import HandPose

DARK = (20, 22, 26)
LIGHT = (240, 242, 245)


def draw_hands(image: NDArray[np.uint8], hands: Sequence[HandPose]) -> NDArray[np.uint8]:
    """A copy of an RGB picture (H, W, 3) with skeletons in the fingers' colours, side and score."""
    drawn = image.copy()
    for hand in hands:
        _draw_skeleton(drawn, hand)
    for hand in hands:
        _draw_label(drawn, hand)
    return drawn


def _draw_skeleton(image: NDArray[np.uint8], hand: HandPose) -> None:
    span = float(np.ptp(hand.joints_px, axis=0).max())
    bone = int(np.clip(span / 60, 1, max(image.shape[0] // 160, 2)))
    places = opencv_points(hand.joints_px)
    style = {"lineType": cv2.LINE_AA, "shift": SHIFT}
    for parent, child in BONES:
        for colour, width in ((DARK, bone + 2), (JOINT_COLOURS[child], bone)):
            cv2.line(image, places[parent], places[child], colour, width, **style)
    for place, colour in zip(places, JOINT_COLOURS, strict=True):
        cv2.circle(image, place, round((bone + 2) * 2**SHIFT), DARK, -1, **style)
        cv2.circle(image, place, round((bone + 1) * 2**SHIFT), colour, -1, **style)


def _draw_label(image: NDArray[np.uint8], hand: HandPose) -> None:
    text = f"{hand.side} {hand.score:.2f}"
    height, width = image.shape[:2]
    scale = max(height / 900, 0.4)
    (wide, high), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    margin = high // 2
    x = int(np.clip(hand.joints_px[:, 0].mean() - wide / 2, margin, width - wide - margin))
    y = int(max(hand.joints_px[:, 1].min() - 2 * high, high + margin))
    corners = (x - margin, y - high - margin), (x + wide + margin, y + below + margin // 2)
    cv2.rectangle(image, *corners, DARK, -1)
    cv2.putText(image, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, LIGHT, 1, cv2.LINE_AA)
