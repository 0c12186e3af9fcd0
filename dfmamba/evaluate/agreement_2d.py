"""Agreement with the labels of real pictures in the image; on photographs they are MediaPipe's.

MediaPipe is another program's opinion, not the truth: on real crops with true joints it is itself
some 2 to 3% of the crop off. So this shows whether a network is sensible on real hands, not how
accurate it is. Never average these figures with those of synthetic pictures.
"""

from dataclasses import dataclass

import numpy as np

from dfmamba.data.crops import Crops
from dfmamba.evaluate.predict import Prediction
from dfmamba.metrics import Doubles, box_share_error, known_mean


@dataclass(frozen=True)
class Agreement:
    """Distances to labelled joints as shares of the hand box's longer side (0.1 is 10%)."""

    hands: int
    """How many were compared."""
    mean: float
    """Over the hands, of each hand's mean over its labelled joints."""
    median: float
    """As `mean`, the median over the hands."""
    p90: float
    """As `mean`, the 90th percentile over the hands."""
    under_10: float
    """The share of hands, 0 to 1, whose mean is below 0.1."""
    per_joint: tuple[float | None, ...]
    """21 means over the hands; None for a joint that no hand has a label of."""


def summarise(errors: Doubles) -> Agreement:
    """Figures of errors (N, 21), shares of the hand box's side; nan where there is no label."""
    hands, joints = known_mean(errors, 1), known_mean(errors, 0)
    return Agreement(
        hands=len(hands),
        mean=float(hands.mean()),
        median=float(np.median(hands)),
        p90=float(np.percentile(hands, 90)),
        under_10=float((hands < 0.1).mean()),
        per_joint=tuple(None if np.isnan(each) else each for each in joints.tolist()),
    )


def image_errors(found: Prediction, crops: Crops) -> Doubles:
    """Distances (N, 21) to the labelled joints, shares of the hand box's side; nan without one."""
    return box_share_error(found.joints_px, crops.joints_px, crops.weights_2d > 0)


def agreement(found: Prediction, crops: Crops) -> Agreement:
    """How far a network's joints and the labelled ones are apart on crops."""
    return summarise(image_errors(found, crops))
