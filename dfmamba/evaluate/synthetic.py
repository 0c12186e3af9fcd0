"""Errors on held-out synthetic pictures, whose joints are exact.

Held out: hand shapes, skins, backgrounds and a family of poses that training never draws. The
pictures still come from the same renderer, so these figures say little about real hands.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfmamba.evaluate import metrics
from dfmamba.evaluate.metrics import Doubles
from dfmamba.evaluate.predict import Method, predict
from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.model import HandNetwork
from dfmamba.synth import TrainingBatch, TrainingPictures

BATCH = 64


@dataclass(frozen=True)
class SyntheticFigures:
    """Means over hands and joints; mm are millimetres, px pixels of the network's input.

    mpjpe_mm: wrist-relative, the network's palm units times the TRUE palm length.
    mpjpe_assumed_palm_mm: the same with the palm length assumed for an unknown person.
    pa_mpjpe_mm: after Procrustes alignment. auc_0_50: of the error in mpjpe_mm.
    auc_20_50_palm_scaled: the paper's AUC. mean_px, mean_px_visible: image error of all joints and
    of the visible ones. box_share: image error over the hand box's longer side.
    """

    pictures: int
    mpjpe_mm: float
    mpjpe_assumed_palm_mm: float
    best_scaled_mpjpe_mm: float
    pa_mpjpe_mm: float
    auc_0_50: float
    auc_20_50_palm_scaled: float
    mean_px: float
    mean_px_visible: float
    box_share: float


@dataclass(frozen=True)
class _Joints:
    """N pictures: palm units, mm in camera axes, crop pixels; visible (N, 21) bool."""

    predicted: Doubles
    predicted_px: Doubles
    true_mm: Doubles
    true_px: Doubles
    visible: NDArray[np.bool_]


def synthetic_figures(
    network: HandNetwork, pictures: TrainingPictures, count: int, method: Method = "soft"
) -> SyntheticFigures:
    """Run the network over `count` pictures, made on its own device in batches."""
    sizes = [min(BATCH, count - start) for start in range(0, count, BATCH)]
    parts = [_joints(network, pictures.batch(size), method) for size in sizes]
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in _Joints.__dataclass_fields__
    }
    return _figures(_Joints(**joined))


def _joints(network: HandNetwork, batch: TrainingBatch, method: Method) -> _Joints:
    found = predict(network, batch.images, method)
    return _Joints(
        predicted=found.joints,
        predicted_px=found.joints_px,
        true_mm=batch.joints_mm.double().cpu().numpy(),
        true_px=batch.joints_px.double().cpu().numpy(),
        visible=batch.visible.cpu().numpy(),
    )


def _figures(joints: _Joints) -> SyntheticFigures:
    true = joints.true_mm
    predicted_mm = joints.predicted * metrics.palm_length(true)[:, None, None]
    assumed_mm = joints.predicted * WRIST_TO_MIDDLE_MCP_MM
    pixels = metrics.distances(joints.predicted_px, joints.true_px)
    means = {
        "mpjpe_mm": metrics.root_relative_error(predicted_mm, true),
        "mpjpe_assumed_palm_mm": metrics.root_relative_error(assumed_mm, true),
        "best_scaled_mpjpe_mm": metrics.best_scaled_error(predicted_mm, true),
        "pa_mpjpe_mm": metrics.procrustes_error(predicted_mm, true),
        "mean_px": pixels,
        "mean_px_visible": pixels[joints.visible],
        "box_share": metrics.box_share_error(joints.predicted_px, joints.true_px),
    }
    return SyntheticFigures(
        pictures=len(true),
        auc_0_50=metrics.auc_0_50(predicted_mm, true),
        auc_20_50_palm_scaled=metrics.auc_20_50_palm_scaled(predicted_mm, true),
        **{name: float(values.mean()) for name, values in means.items()},
    )
