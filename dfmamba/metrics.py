"""How far predicted joints are from the true ones.

Joints are (N, 21, 3) in millimetres in camera axes, or (N, 21, 2) in pixels. Every error function
returns one distance per joint, (N, 21), so that means, percentiles and curves come from one array.
Where `valid` (N, 21) is given, only those joints count; the errors of the others are nan.
"""

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, WRIST

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]
Mask = NDArray[np.bool_]
Joints = TypeVar("Joints", Doubles, "Tensor")

THRESHOLDS_0_50_MM = np.linspace(0.0, 50.0, 51)
"""The usual ones: root-relative errors, no scaling."""
THRESHOLDS_20_50_MM = np.linspace(20.0, 50.0, 15)
"""Those of the paper's AUC (DexYCB, AssemblyHands), on palm-scaled errors."""


def distances(predicted: Floats, true: Floats) -> Doubles:
    """Euclidean distances (N, J) between joints (N, J, D), as they stand."""
    offsets = np.asarray(predicted, np.float64) - true
    return np.asarray(np.sqrt(np.sum(offsets**2, axis=-1)), np.float64)


def known_mean(errors: Doubles, axis: int | None = None) -> Doubles:
    """The mean over what is not nan; nan where nothing is known."""
    known = ~np.isnan(errors)
    count = known.sum(axis)
    return np.asarray(np.where(known, errors, 0.0).sum(axis) / np.where(count, count, np.nan))


def _weights(valid: Mask | None, joints: Doubles) -> Doubles:
    """(N, J, 1): 1 for the joints that count."""
    counted = np.ones(joints.shape[:2]) if valid is None else valid.astype(np.float64)
    return counted[..., None]


def _counted(errors: Doubles, valid: Mask | None) -> Doubles:
    return errors if valid is None else np.where(valid, errors, np.nan)


def root_relative(joints: Floats) -> Doubles:
    """Joints moved so that the wrist is the origin."""
    joints = np.asarray(joints, np.float64)
    return joints - joints[:, WRIST, None]


def palm_length(joints: Floats) -> Doubles:
    """The distance (N,) between the wrist and the middle finger's MCP."""
    return distances(root_relative(joints), np.zeros(3))[:, MIDDLE_MCP]


def palm_units(joints: Joints) -> Joints:
    """Joints (N, J, 3) around the wrist, in units of each hand's palm length; arrays or tensors."""
    relative = joints - joints[:, WRIST, None]
    palm = (relative[:, MIDDLE_MCP] ** 2).sum(-1) ** 0.5
    units: Joints = relative / palm[:, None, None]
    return units


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


def best_scaled_error(predicted: Floats, true: Floats, valid: Mask | None = None) -> Doubles:
    """Root-relative distances, the prediction scaled to the smallest sum of squares.

    A scale below 0 would mirror a hand that is turned the wrong way round: it is 0 then.
    """
    predicted, true = root_relative(predicted), root_relative(true)
    counted = _weights(valid, true)
    square = np.sum(counted * predicted**2, axis=(1, 2))
    product = np.sum(counted * predicted * true, axis=(1, 2))
    scale = np.maximum(product / np.maximum(square, np.finfo(float).tiny), 0)
    return _counted(distances(predicted * scale[:, None, None], true), valid)


def procrustes_aligned(predicted: Floats, true: Floats, valid: Mask | None = None) -> Doubles:
    """The prediction moved, turned and scaled to the smallest sum of squared distances.

    Each hand (J, 3) on its own; a reflection is no turn (Umeyama 1991).
    """
    predicted, true = np.asarray(predicted, np.float64), np.asarray(true, np.float64)
    counted = _weights(valid, true)
    count = np.maximum(counted.sum(axis=1, keepdims=True), 1)
    centre = (counted * true).sum(axis=1, keepdims=True) / count
    source = predicted - (counted * predicted).sum(axis=1, keepdims=True) / count
    left, strength, right = np.linalg.svd((counted * source).swapaxes(1, 2) @ (true - centre))
    sign = np.ones_like(strength)
    sign[:, -1] = np.sign(np.linalg.det(left @ right))
    turn = (left * sign[:, None]) @ right
    square = np.sum(counted * source**2, axis=(1, 2))
    scale = np.sum(strength * sign, axis=1) / np.maximum(square, np.finfo(float).tiny)
    return np.asarray(scale[:, None, None] * (source @ turn) + centre, np.float64)


def procrustes_error(predicted: Floats, true: Floats, valid: Mask | None = None) -> Doubles:
    """Distances after `procrustes_aligned`; their mean is PA-MPJPE."""
    return _counted(distances(procrustes_aligned(predicted, true, valid), true), valid)


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


def box_sides(joints_px: Floats, valid: Mask | None = None) -> Doubles:
    """The longer side (N,) of the tight box around joints (N, J, 2), pixels."""
    joints_px = np.asarray(joints_px, np.float64)
    left_out = np.zeros(joints_px.shape[:2], bool) if valid is None else ~valid
    low, high = (np.where(left_out[..., None], sign * np.inf, joints_px) for sign in (1.0, -1.0))
    return np.asarray((high.max(axis=1) - low.min(axis=1)).max(axis=1))


def box_share_error(predicted_px: Floats, true_px: Floats, valid: Mask | None = None) -> Doubles:
    """Image distances (N, J) as a share of the true hand box's longer side."""
    sides = np.maximum(box_sides(true_px, valid), np.finfo(float).tiny)
    return _counted(distances(predicted_px, true_px) / sides[:, None], valid)


def box_iou(boxes: Floats, others: Floats) -> Doubles:
    """Intersection over union (N, M) of boxes (N, 4) and (M, 4), each x0, y0, x1, y1."""
    boxes, others = np.asarray(boxes, np.float64)[:, None], np.asarray(others, np.float64)[None]
    low = np.maximum(boxes[..., :2], others[..., :2])
    high = np.minimum(boxes[..., 2:], others[..., 2:])
    common = np.clip(high - low, 0, None).prod(-1)
    areas = [(each[..., 2:] - each[..., :2]).prod(-1) for each in (boxes, others)]
    return np.asarray(common / np.clip(areas[0] + areas[1] - common, 1e-12, None))
