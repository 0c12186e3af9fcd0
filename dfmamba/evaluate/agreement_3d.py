"""Agreement with the labels of real pictures in 3D; on photographs they are MediaPipe's.

Its joints in 3D are an opinion too, and a rougher one than in the image. A hand that is wrong in
depth looks right in the image, so the width of the palm is given as well: it needs no other joints
to judge by.
"""

from dataclasses import dataclass

import numpy as np

from dfmamba.data.crops import Crops
from dfmamba.evaluate.predict import Prediction
from dfmamba.hand import INDEX_MCP, LITTLE_MCP, WRIST_TO_MIDDLE_MCP_MM
from dfmamba.metrics import Doubles, best_scaled_error, known_mean, palm_width, procrustes_error


@dataclass(frozen=True)
class Spread:
    """Percentiles of a value over the hands."""

    p10: float
    """The 10th."""
    median: float
    """The 50th."""
    p90: float
    """The 90th."""


@dataclass(frozen=True)
class SpaceAgreement:
    """Means over hands and joints of the distances to the labelled joints in 3D.

    The labels' palms count as long as `WRIST_TO_MIDDLE_MCP_MM`.
    """

    best_scaled_mm: float
    """mm, wrist-relative, at the scale that fits each hand best."""
    pa_mm: float
    """mm, after Procrustes alignment."""
    palm_width: Spread
    """`metrics.palm_width` of the network's hands."""
    teacher_palm_width: Spread
    """`metrics.palm_width` of the labelled hands."""


def space_agreement(found: Prediction, crops: Crops) -> SpaceAgreement | None:
    """How far a network's hands and the labelled ones are apart in 3D; None without labels."""
    valid = crops.weights_3d > 0
    whole = valid[:, [INDEX_MCP, LITTLE_MCP]].all(1)
    if not whole.any():
        return None
    labels_mm = crops.joints * WRIST_TO_MIDDLE_MCP_MM
    return SpaceAgreement(
        best_scaled_mm=float(known_mean(best_scaled_error(found.joints, labels_mm, valid))),
        pa_mm=float(known_mean(procrustes_error(found.joints, labels_mm, valid))),
        palm_width=_spread(palm_width(found.joints[whole])),
        teacher_palm_width=_spread(palm_width(crops.joints[whole])),
    )


def _spread(values: Doubles) -> Spread:
    return Spread(*np.percentile(values, (10, 50, 90)).tolist())
