"""Where the hands are, by any detector; here MediaPipe's landmarker, used as a detector only."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import CROP_SCALE, Crop
from dfmamba.hand import Side
from dfmamba.images import reduced
from dfmamba.pipeline.landmarker import Landmarker

DetectorName = Literal["finder", "mediapipe"]
"""The finder of this package, or MediaPipe's landmarker."""
USUAL: DetectorName = "mediapipe"
"""The one in use where none is named."""
LOOK_SIZE = 640
"""The detector sees frames reduced to this longer side; its own models see less still."""


def crop_of(joints_px: NDArray[np.float64], side: Side) -> Crop:
    """The network's crop around joints (21, 2) in frame pixels; a left hand is mirrored."""
    return Crop.around(joints_px, CROP_SCALE, mirrored=side == "left")


@dataclass(frozen=True)
class Detection:
    """A hand found without knowing of earlier frames."""

    crop: Crop
    """What the network should look at."""
    side: Side
    """The person's own hand."""
    score: float
    """0.5 to 1, how sure the detector is of the side."""
    joints_px: NDArray[np.float64]
    """(21, 2): the detector's rough joints, frame pixels."""
    found: float = 0.5
    """0 to 1, how likely it is a hand; 0.5 of a detector that does not tell."""


class Detector(Protocol):
    """Anything that finds hands in an RGB frame (H, W, 3) uint8."""

    def __call__(self, image: NDArray[np.uint8]) -> list[Detection]:
        """The hands in the frame, in any order."""

    def close(self) -> None:
        """Free what the detector holds."""


class LandmarkDetector:
    """The detector on MediaPipe; raises UserError where its package is missing or another one.

    Its joints frame the first crop of a hand and reach no output. The palm model alone would be
    cheaper, but it tells neither left from right nor a tight box.
    """

    def __init__(self, max_hands: int = 2) -> None:
        self._landmarker = Landmarker(max_hands)

    def __call__(self, image: NDArray[np.uint8]) -> list[Detection]:
        """The hands in an RGB frame (H, W, 3) uint8, not mirrored."""
        small = reduced(image, LOOK_SIZE)
        scale = np.divide(image.shape[1::-1], small.shape[1::-1])
        return [
            Detection(
                crop_of(hand.joints_px * scale, hand.side),
                hand.side,
                hand.score,
                hand.joints_px * scale,
            )
            for hand in self._landmarker(small)
        ]

    def close(self) -> None:
        """Free the models."""
        self._landmarker.close()
