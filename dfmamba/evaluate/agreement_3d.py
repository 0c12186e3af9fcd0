"""The network's joints in 3D on real photographs, beside MediaPipe's joints in space.

These are an opinion too, and a rougher one than in the image. A hand that is wrong in depth looks
right in the image, so the width of the palm is told as well: it needs no other joints to judge by.
"""

from dataclasses import dataclass

import numpy as np

from dfmamba.data.crops import Crops
from dfmamba.evaluate.predict import Prediction
from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.metrics import Doubles, best_scaled_error, palm_width, procrustes_error


@dataclass(frozen=True)
class Spread:
    """Percentiles 10, 50 and 90 of a value over the hands."""

    p10: float
    median: float
    p90: float


@dataclass(frozen=True)
class SpaceAgreement:
    """Means over hands and joints of the distances to MediaPipe's joints in space, mm.

    Its palms count as long as `WRIST_TO_MIDDLE_MCP_MM`. best_scaled_mm: wrist-relative, at the
    scale that fits each hand best. pa_mm: after Procrustes alignment. palm_width: `palm_width` of
    the network's hands, and teacher_palm_width, of MediaPipe's.
    """

    best_scaled_mm: float
    pa_mm: float
    palm_width: Spread
    teacher_palm_width: Spread


def space_agreement(found: Prediction, crops: Crops) -> SpaceAgreement:
    """How far apart a network's hands in 3D and MediaPipe's are on crops."""
    teacher_mm = crops.joints * WRIST_TO_MIDDLE_MCP_MM
    return SpaceAgreement(
        best_scaled_mm=float(best_scaled_error(found.joints, teacher_mm).mean()),
        pa_mm=float(procrustes_error(found.joints, teacher_mm).mean()),
        palm_width=_spread(palm_width(found.joints)),
        teacher_palm_width=_spread(palm_width(crops.joints)),
    )


def _spread(values: Doubles) -> Spread:
    return Spread(*np.percentile(values, (10, 50, 90)).tolist())
