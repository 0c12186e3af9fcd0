"""What a hand pose is: the one record that the pipeline makes and every view and file shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import Side


@dataclass(frozen=True)
class HandPose:
    """One hand in one frame.

    Millimetres are an estimate: from a picture alone the size of the hand is assumed.
    """

    side: Side
    """The person's own hand."""
    score: float
    """0 to 1, how sure the network is that this is a hand."""
    box_px: NDArray[np.float64]
    """(4,): x0, y0, x1, y1 around the joints, frame pixels."""
    joints_px: NDArray[np.float64]
    """(21, 2): frame pixels."""
    joints_mm: NDArray[np.float64]
    """(21, 3): relative to the wrist, along the camera's axes, mm."""
    root_mm: NDArray[np.float64] | None
    """(3,): the wrist in the camera frame, mm; None where it cannot be told."""
    confidence: NDArray[np.float64]
    """(21,): the probability that each joint is right."""
    raw_px: NDArray[np.float64] | None = None
    """(21, 2): the joints before smoothing, frame pixels; None where they are not kept."""

    @property
    def camera_mm(self) -> NDArray[np.float64]:
        """Joints (21, 3) in the camera frame, mm; root-relative where the root is unknown."""
        return self.joints_mm if self.root_mm is None else self.joints_mm + self.root_mm
