"""Errors on held-out synthetic pictures, whose joints are exact.

Held out: hand shapes, skins, backgrounds, things and key poses that training never draws. The
pictures still come from the same renderer, so these figures say little about real hands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from torch import Tensor

from dfmamba import metrics
from dfmamba.evaluate.predict import Prediction, predict_by
from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.metrics import Doubles
from dfmamba.model import HandNetwork
from dfmamba.synth import TrainingBatch, TrainingPictures

BATCH = 64


@dataclass(frozen=True)
class SyntheticFigures:
    """Means over hands and joints; px are pixels of the network's input."""

    pictures: int
    """How many."""
    mpjpe_mm: float
    """mm, wrist-relative, the network's palm units times the TRUE palm length."""
    mpjpe_assumed_palm_mm: float
    """As `mpjpe_mm`, with the palm length assumed for an unknown person."""
    best_scaled_mpjpe_mm: float
    """mm, at the scale that fits each hand best."""
    pa_mpjpe_mm: float
    """mm, after Procrustes alignment."""
    auc_0_50: float
    """Area under the curve of the error in `mpjpe_mm`, 0 to 50 mm; 0 to 1."""
    auc_20_50_palm_scaled: float
    """The paper's AUC, 0 to 1."""
    mean_px: float
    """px, image error of all joints."""
    mean_px_visible: float
    """px, image error of the visible joints."""
    box_share: float
    """Image error over the hand box's longer side."""
    per_joint_mm: tuple[float, ...]
    """As `mpjpe_mm`, for each of the 21 joints."""


@dataclass(frozen=True)
class Measured:
    """What a network said of N pictures, beside the truth."""

    images: NDArray[np.uint8]
    """(N, S, S, 3): RGB."""
    joints_px: Doubles
    """(N, 21, 2): crop pixels, found."""
    true_px: Doubles
    """(N, 21, 2): crop pixels, true."""
    found_units: Doubles
    """(N, 21, 3): wrist-relative, palm units, found."""
    true_mm: Doubles
    """(N, 21, 3): mm, axes of a camera that faces the crop."""
    visible: NDArray[np.bool_]
    """(N, 21): inside the crop and hidden by nothing."""
    confidence: Doubles
    """(N, 21): 0 to 1."""
    family: NDArray[np.int64]
    """(N,): of the pose, as in `synth.scene.Hands`."""
    tone: Doubles
    """(N,): the skin's, 0 for the darkest to 1."""

    @cached_property
    def found_mm(self) -> Doubles:
        """The joints found, by the true palm length."""
        return self.found_units * metrics.palm_length(self.true_mm)[:, None, None]

    @cached_property
    def errors_mm(self) -> Doubles:
        """Wrist-relative errors (N, 21)."""
        return metrics.root_relative_error(self.found_mm, self.true_mm)

    @cached_property
    def pa_errors_mm(self) -> Doubles:
        """Errors (N, 21) after Procrustes alignment."""
        return metrics.procrustes_error(self.found_mm, self.true_mm)

    @cached_property
    def shares(self) -> Doubles:
        """Image errors (N, 21) over the hand box's longer side."""
        return metrics.box_share_error(self.joints_px, self.true_px)


def measure(network: HandNetwork, pictures: TrainingPictures, count: int) -> Measured:
    """Run the network over `count` pictures, made on its own device in batches."""
    usual = network.read_outs[0]
    return measure_by(network, pictures, count, (usual,))[usual]


def measure_by(
    network: HandNetwork,
    pictures: TrainingPictures,
    count: int,
    methods: Sequence[str],
    console: Console | None = None,
) -> dict[str, Measured]:
    """`measure` by several read-outs of the same maps, with its progress on a console."""
    parts: dict[str, list[Measured]] = {method: [] for method in methods}
    title, silent = f"{count} synthetic pictures", console is None
    for start in track(range(0, count, BATCH), title, console=console, disable=silent):
        batch = pictures.batch(min(BATCH, count - start))
        for method, found in predict_by(network, batch.images, methods).items():
            parts[method].append(_measured(batch, found))
    return {method: _joined(each) for method, each in parts.items()}


def _joined(parts: list[Measured]) -> Measured:
    return Measured(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Measured)
        }
    )


def _measured(batch: TrainingBatch, found: Prediction) -> Measured:
    return Measured(
        images=to_bytes(batch.images),
        joints_px=found.joints_px,
        true_px=batch.joints_px.double().cpu().numpy(),
        found_units=found.joints,
        true_mm=batch.joints_mm.double().cpu().numpy(),
        visible=batch.visible.cpu().numpy(),
        confidence=found.confidence,
        family=batch.family.cpu().numpy(),
        tone=batch.tone.double().cpu().numpy(),
    )


def to_bytes(images: Tensor) -> NDArray[np.uint8]:
    """Pictures (N, 3, S, S), 0 to 1, as bytes (N, S, S, 3)."""
    return np.asarray((255 * images).round().byte().permute(0, 2, 3, 1).cpu().numpy())


def synthetic_figures(measured: Measured) -> SyntheticFigures:
    """The means of all that was measured."""
    true = measured.true_mm
    pixels = metrics.distances(measured.joints_px, measured.true_px)
    assumed_mm = measured.found_units * WRIST_TO_MIDDLE_MCP_MM
    means = {
        "mpjpe_mm": measured.errors_mm,
        "mpjpe_assumed_palm_mm": metrics.root_relative_error(assumed_mm, true),
        "best_scaled_mpjpe_mm": metrics.best_scaled_error(measured.found_mm, true),
        "pa_mpjpe_mm": measured.pa_errors_mm,
        "mean_px": pixels,
        "mean_px_visible": pixels[measured.visible],
        "box_share": measured.shares,
    }
    return SyntheticFigures(
        pictures=len(true),
        auc_0_50=metrics.auc_0_50(measured.found_mm, true),
        auc_20_50_palm_scaled=metrics.auc_20_50_palm_scaled(measured.found_mm, true),
        per_joint_mm=tuple(measured.errors_mm.mean(0).tolist()),
        **{name: float(values.mean()) for name, values in means.items()},
    )
