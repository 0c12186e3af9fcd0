"""From a heatmap's peak to the probability that the joint is right."""

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

RIGHT_WITHIN = 0.05
"""A joint is right within this share of the hand box's longer side, in the image."""
UNCALIBRATED = (1.0, 0.0)
"""The calibration under which confidence is the peak itself."""
STEPS = 30


def confidence(peaks: Doubles, calibration: tuple[float, float]) -> Doubles:
    """Probabilities that joints are right, of heatmap peaks in 0 to 1, of any shape.

    calibration: scale and shift of the logits (Platt 1999), as `fit` finds.
    """
    scale, shift = calibration
    return np.asarray(1 / (1 + np.exp(-(scale * _logit(peaks) + shift))))


def fit(peaks: Doubles, right: NDArray[np.bool_]) -> tuple[float, float]:
    """The calibration under which confidences tell best which joints are right.

    Logistic regression by Newton's method, with a prior of one right and one wrong joint at each
    end, which keeps it finite where all are right.
    """
    ends = _logit(np.array([0.0, 0.0, 1.0, 1.0]))
    rows = np.concatenate([_logit(peaks.ravel()), ends])
    truth = np.concatenate([right.ravel(), [False, True, False, True]]).astype(np.float64)
    features = np.stack([rows, np.ones_like(rows)], axis=1)
    found = np.array(UNCALIBRATED)
    for _ in range(STEPS):
        told = 1 / (1 + np.exp(-features @ found))
        slope = features.T @ (told - truth)
        curve = (features * (told * (1 - told))[:, None]).T @ features + 1e-6 * np.eye(2)
        found = found - np.clip(np.linalg.solve(curve, slope), -1, 1)
    return float(found[0]), float(found[1])


def _logit(peaks: Doubles) -> Doubles:
    inside = np.clip(np.asarray(peaks, np.float64), 1e-4, 1 - 1e-4)
    return np.asarray(np.log(inside / (1 - inside)))
