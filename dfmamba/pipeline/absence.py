"""Why a hand is not there, told in what a person can mend."""

from collections.abc import Iterable
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import CROP_SCALE, Crop
from dfmamba.hand import Side
from dfmamba.images import reduced
from dfmamba.pipeline.reader import Reading
from dfmamba.pipeline.track import LEAST_INSIDE, Track, share_inside

Reason = Literal[
    "blurred", "too dark", "too small", "low score", "out of the picture", "none found"
]

STAYS_S = 1.0
"""How long the reason why a hand was lost counts more than that none was found since."""
SMALL_PX = 40.0
"""A hand whose box is shorter than this shows the network too little."""
LEAVING = 0.7
"""A hand that is no longer read, and has less than this share of its box in the frame, has left."""
LOOK_PX = 64
"""Sharpness is measured on pictures this wide."""
BLURRED_HAND = 0.03
BLURRED_FRAME = 0.01
"""Sharpness below which a hand's crop, or a whole frame, counts as blurred. Crops of clips measured
0.08 to 1.4, and 0.01 to 0.04 once blurred by a twentieth of the hand; whole frames 0.07 to 1.1."""
DARK = 30.0
"""Mean grey level, of 255, below which a picture is too dark."""
_FRAME_PX = 160
_PLAIN = 40.0
"""Variance of grey levels up to which a picture is an even surface, which has no sharpness."""


class Absence:
    """Remembers why each side has no hand; it looks at pictures only where a hand is missing."""

    def __init__(self) -> None:
        self._lost: dict[Side, tuple[float, Reason]] = {}
        self._found_none: Reason | None = None

    def lose(
        self, track: Track, crop: Crop, reading: Reading, image: NDArray[np.uint8], time_s: float
    ) -> None:
        """A hand followed so far is not where it was looked for in an RGB frame (H, W, 3)."""
        reason = _why_lost(track.sure(reading), reading, crop, image)
        if reason is not None:
            self._lost[track.side] = time_s, reason

    def search(self, found: bool, image: NDArray[np.uint8]) -> None:
        """The detector has looked at the whole frame; the picture tells why it found nothing."""
        self._found_none = None if found else _why_not_found(image)

    def reasons(self, present: Iterable[Side], time_s: float) -> dict[Side, Reason]:
        """Why each side that is not `present` has no hand; a side not yet looked for is left out.

        After a search that found something, the other side is simply not there.
        """
        present = set(present)
        told: dict[Side, Reason] = {}
        for side in get_args(Side):
            if side in present:
                continue
            lost_s, lost = self._lost.get(side, (-np.inf, None))
            reason = lost if time_s - lost_s <= STAYS_S else self._found_none
            if reason is None and present:
                reason = "none found"
            if reason is not None:
                told[side] = reason
        return told


def _why_lost(sure: bool, reading: Reading, crop: Crop, image: NDArray[np.uint8]) -> Reason | None:
    """None where the reading is good and the hand went for another cause, as one read twice."""
    height, width = image.shape[:2]
    # Joints that the network is not sure of may be anywhere: then the place looked at tells.
    points = reading.joints_px if sure else _box_grid(crop)
    if share_inside(points, (width, height)) < (LEAST_INSIDE if sure else LEAVING):
        return "out of the picture"
    if np.ptp(points, axis=0).max() < SMALL_PX:
        return "too small"
    if sure:
        return None
    return _flaw(crop.extract(image, LOOK_PX), BLURRED_HAND) or "low score"


def _box_grid(crop: Crop) -> NDArray[np.float64]:
    """A grid (9, 2) over the hand's own box in a crop, frame pixels."""
    steps = np.array([-0.5, 0.0, 0.5]) * crop.side / CROP_SCALE
    x, y = np.meshgrid(crop.x + steps, crop.y + steps)
    return np.stack([x.ravel(), y.ravel()], axis=-1)


def _why_not_found(image: NDArray[np.uint8]) -> Reason:
    return _flaw(reduced(image, _FRAME_PX), BLURRED_FRAME) or "none found"


def _flaw(picture: NDArray[np.uint8], blurred_below: float) -> Reason | None:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if grey.mean() < DARK:
        return "too dark"
    contrast = float(grey.var())
    sharpness = float(cv2.Laplacian(grey, cv2.CV_32F).var()) / max(contrast, _PLAIN)
    return "blurred" if contrast > _PLAIN and sharpness < blurred_below else None
