"""Agreement with MediaPipe's image joints on real photographs.

MediaPipe is another program's opinion, not the truth: on real crops with true joints it is itself
some 2 to 3% of the crop off. So this tells whether a network is sensible on real hands, not how
accurate it is. Never average these figures with those of synthetic pictures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfmamba.data.crops import Crops
from dfmamba.evaluate.predict import Prediction
from dfmamba.metrics import box_share_error


@dataclass(frozen=True)
class Agreement:
    """Distances to MediaPipe's joints as shares of the hand box's longer side (0.1 is 10%).

    hands: how many. mean, median, p90: over hands, of each hand's mean over its joints.
    under_10: the share of hands whose mean is below 0.1. per_joint: 21 means over the hands.
    """

    hands: int
    mean: float
    median: float
    p90: float
    under_10: float
    per_joint: tuple[float, ...]


def summarise(errors: NDArray[np.float64]) -> Agreement:
    """Figures of errors (N, 21), shares of the hand box's side."""
    hands = errors.mean(axis=1)
    return Agreement(
        hands=len(hands),
        mean=float(hands.mean()),
        median=float(np.median(hands)),
        p90=float(np.percentile(hands, 90)),
        under_10=float((hands < 0.1).mean()),
        per_joint=tuple(errors.mean(axis=0).tolist()),
    )


def agreement(found: Prediction, crops: Crops) -> Agreement:
    """How far a network and MediaPipe are apart on crops that `pack_crops` made."""
    return summarise(box_share_error(found.joints_px, crops.joints_px))
