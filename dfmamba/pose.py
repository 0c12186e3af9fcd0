"""What a hand pose is: the one record that the pipeline makes and every view and file shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import Side


@dataclass(frozen=True)
class HandPose:
    """One hand in one frame.

    side: the person's own hand. score: 0 to 1, how sure the network is that this is a hand.
    box_px (4,): x0, y0, x1, y1 around the joints. joints_px (21, 2): frame pixels.
    joints_mm (21, 3): relative to the wrist, camera axes, mm. root_mm (3,): the wrist in the
    camera frame, mm, or None where it cannot be told. confidence (21,): 0 to 1 per joint.
    raw_px (21, 2): the joints before smoothing, frame pixels, or None where they are not kept.
    Millimetres are an estimate: from a picture alone the size of the hand is assumed.
    """

    side: Side
    score: float
    box_px: NDArray[np.float64]
    joints_px: NDArray[np.float64]
    joints_mm: NDArray[np.float64]
    root_mm: NDArray[np.float64] | None
    confidence: NDArray[np.float64]
    raw_px: NDArray[np.float64] | None = None

    @property
    def camera_mm(self) -> NDArray[np.float64]:
        """Joints (21, 3) in the camera frame, mm; root-relative where the root is unknown."""
        return self.joints_mm if self.root_mm is None else self.joints_mm + self.root_mm
