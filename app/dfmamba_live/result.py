"""What playing gives: a frame with its hands, and how the weights that are compared differ."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfmamba.frame import Frame
from dfmamba.hand import Side
from dfmamba.pipeline import STAGES, Estimate

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HandDifference:
    """One hand as two networks see it."""

    side: Side
    """The person's own hand."""
    joints_px: Floats
    """(21, 2): the second network's, frame pixels."""
    mm: Floats
    """(21,): how far each joint of the one lies from that of the other, relative to the wrist."""
    px: Floats
    """(21,): the same in the frame, pixels."""


@dataclass(frozen=True, eq=False)
class Difference:
    """The hands of a frame, compared; NaN where there is no hand."""

    hands: tuple[HandDifference, ...]
    """In the order of the estimate."""
    mm: Floats
    """(21,): the mean over the frame's hands."""
    px: Floats
    """(21,): the same in pixels."""
    mean_mm: Floats
    """(21,): the mean over `frames`, each counted once."""
    mean_px: Floats
    """(21,): the same in pixels."""
    frames: int
    """Frames with a hand that were compared so far."""


@dataclass(frozen=True, eq=False)
class Result:
    """One frame with what was found in it."""

    frame: Frame
    """As its source gave it."""
    estimate: Estimate
    """Empty while `pending`."""
    dropped: int
    """Frames that were due and never shown, so far."""
    started: float
    """When work on its hands began, by `time.perf_counter()`."""
    finished: float
    """When it was done."""
    pending: bool = False
    """Whether its hands are still being found."""
    difference: Difference | None = None
    """How far the weights that are compared lie apart; None while none are, or not yet."""


def no_hands(frame: Frame) -> Estimate:
    """What stands in for the estimate of a frame until that is there."""
    return Estimate((), frame.intrinsics(), dict.fromkeys(STAGES, 0.0), detected=False)
