"""How far predicted joints are from the true ones.

Joints are (N, 21, 3) in millimetres in camera axes, or (N, 21, 2) in pixels. Every error function
returns one distance per joint, (N, 21), so that means, percentiles and curves come from one array.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, WRIST

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]

THRESHOLDS_0_50_MM = np.linspace(0.0, 50.0, 51)
"""The usual ones: root-relative errors, no scaling."""
THRESHOLDS_20_50_MM = np.linspace(20.0, 50.0, 15)
"""Those of the paper's AUC (DexYCB, AssemblyHands), on palm-scaled errors."""


def distances(predicted: Floats, true: Floats) -> Doubles:
    """Euclidean distances (N, J) between joints (N, J, D), as they stand."""
    offsets = np.asarray(predicted, np.float64) - true
    return np.asarray(np.sqrt(np.sum(offsets**2, axis=-1)), np.float64)


def root_relative(joints: Floats) -> Doubles:
    """Joints moved so that the wrist is the origin."""
    joints = np.asarray(joints, np.float64)
    return joints - joints[:, WRIST, None]


def palm_length(joints: Floats) -> Doubles:
    """The distance (N,) between the wrist and the middle finger's MCP."""
    return distances(root_relative(joints), np.zeros(3))[:, MIDDLE_MCP]


def palm_units(joints: Floats) -> Doubles:
    """Joints (N, J, 3) around the wrist, in units of each hand's palm length."""
    return np.asarray(root_relative(joints) / palm_length(joints)[:, None, None])


def palm_width(joints: Floats) -> Doubles:
    """|index MCP - little MCP| over the palm's length (N,): about 0.65, however a hand is held."""
    width = distances(joints[:, INDEX_MCP], joints[:, LITTLE_MCP])
    return np.asarray(width / np.maximum(palm_length(joints), np.finfo(float).tiny), np.float64)


def root_relative_error(predicted: Floats, true: Floats) -> Doubles:
    """Distances with both wrists in one place; their mean is MPJPE."""
    return distances(root_relative(predicted), root_relative(true))


def palm_scaled_error(predicted: Floats, true: Floats) -> Doubles:
    """Root-relative distances, the prediction scaled to the true palm length.

    The published evaluations of DexYCB and AssemblyHands with the heatmap decoder do this.
    """
    predicted, true = root_relative(predicted), root_relative(true)
    scale = palm_length(true) / np.maximum(palm_length(predicted), np.finfo(float).tiny)
    return distances(predicted * scale[:, None, None], true)


def best_scaled_error(predicted: Floats, true: Floats) -> Doubles:
    """Root-relative distances, the prediction scaled to the smallest sum of squares.

    A scale below 0 would mirror a hand that is told the wrong way round: it is 0 then.
    """
    predicted, true = root_relative(predicted), root_relative(true)
    square = np.sum(predicted**2, axis=(1, 2))
    scale = np.sum(predicted * true, axis=(1, 2)) / np.maximum(square, np.finfo(float).tiny)
    scale = np.maximum(scale, 0)
    return distances(predicted * scale[:, None, None], true)


def procrustes_aligned(predicted: Floats, true: Floats) -> Doubles:
    """The prediction moved, turned and scaled to the smallest sum of squared distances.

    Each hand (J, 3) on its own; a reflection is no turn (Umeyama 1991).
    """
    predicted, true = np.asarray(predicted, np.float64), np.asarray(true, np.float64)
    centre = true.mean(axis=1, keepdims=True)
    source = predicted - predicted.mean(axis=1, keepdims=True)
    left, strength, right = np.linalg.svd(source.swapaxes(1, 2) @ (true - centre))
    sign = np.ones_like(strength)
    sign[:, -1] = np.sign(np.linalg.det(left @ right))
    turn = (left * sign[:, None]) @ right
    square = np.sum(source**2, axis=(1, 2))
    scale = np.sum(strength * sign, axis=1) / np.maximum(square, np.finfo(float).tiny)
    return np.asarray(scale[:, None, None] * (source @ turn) + centre, np.float64)


def procrustes_error(predicted: Floats, true: Floats) -> Doubles:
    """Distances after `procrustes_aligned`; their mean is PA-MPJPE."""
    return distances(procrustes_aligned(predicted, true), true)


def pck(errors: Floats, thresholds: Floats) -> Doubles:
    """The share of joints, 0 to 1, whose error is within each threshold (T,)."""
    ranks = np.searchsorted(np.sort(errors, axis=None), thresholds, side="right")
    return ranks / max(np.size(errors), 1)


def auc(errors: Floats, thresholds: Floats) -> float:
    """The area under `pck`, as a share of the largest possible: 0 to 1."""
    thresholds = np.asarray(thresholds, np.float64)
    curve = pck(errors, thresholds)
    area = np.sum((curve[1:] + curve[:-1]) / 2 * np.diff(thresholds))
    return float(area / (thresholds[-1] - thresholds[0]))


def auc_0_50(predicted: Floats, true: Floats) -> float:
    """AUC over 0 to 50 mm of the root-relative error, nothing scaled."""
    return auc(root_relative_error(predicted, true), THRESHOLDS_0_50_MM)


def auc_20_50_palm_scaled(predicted: Floats, true: Floats) -> float:
    """AUC over 20 to 50 mm in 15 steps of the palm-scaled error: the paper's AUC."""
    return auc(palm_scaled_error(predicted, true), THRESHOLDS_20_50_MM)


def box_sides(joints_px: Floats) -> Doubles:
    """The longer side (N,) of the tight box around joints (N, J, 2), pixels."""
    return np.asarray(np.ptp(np.asarray(joints_px, np.float64), axis=1).max(axis=1))


def box_share_error(predicted_px: Floats, true_px: Floats) -> Doubles:
    """Image distances (N, J) as a share of the true hand box's longer side."""
    sides = np.maximum(box_sides(true_px), np.finfo(float).tiny)
    return np.asarray(distances(predicted_px, true_px) / sides[:, None], np.float64)


def box_iou(boxes: Floats, others: Floats) -> Doubles:
    """Intersection over union (N, M) of boxes (N, 4) and (M, 4), each x0, y0, x1, y1."""
    boxes, others = np.asarray(boxes, np.float64)[:, None], np.asarray(others, np.float64)[None]
    low = np.maximum(boxes[..., :2], others[..., :2])
    high = np.minimum(boxes[..., 2:], others[..., 2:])
    common = np.clip(high - low, 0, None).prod(-1)
    areas = [(each[..., 2:] - each[..., :2]).prod(-1) for each in (boxes, others)]
    return np.asarray(common / np.clip(areas[0] + areas[1] - common, 1e-12, None))
