"""A network run over many crops."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.model import HandNetwork, confidence

BATCH = 64


class Prediction(NamedTuple):
    """What a network says of N crops."""

    joints_px: NDArray[np.float64]
    """(N, 21, 2): crop pixels."""
    joints: NDArray[np.float64]
    """(N, 21, 3): wrist-relative, palm units, axes of a camera that faces the crop."""
    peak: NDArray[np.float64]
    """(N, 21): the heatmaps' peaks, from which confidence is computed."""
    confidence: NDArray[np.float64]
    """(N, 21): the probability that the joint is right."""
    present: NDArray[np.float64]
    """(N,): the probability of a hand."""
    right: NDArray[np.float64]
    """(N,): the probability of a right hand."""


def predict(network: HandNetwork, images: torch.Tensor) -> Prediction:
    """Joints in float pictures (B, 3, S, S), RGB in 0 to 1, on the network's device."""
    usual = network.read_outs[0]
    return predict_by(network, images, (usual,))[usual]


@torch.inference_mode()
def predict_by(
    network: HandNetwork, images: torch.Tensor, methods: Sequence[str]
) -> dict[str, Prediction]:
    """`predict` by several of the network's read-outs of the same maps."""
    maps = network(images)
    return {each: _prediction(network, maps, images.shape[-1], each) for each in methods}


def _prediction(network: HandNetwork, maps: Any, size: int, method: str) -> Prediction:
    """Of the first hand in each crop."""
    read = network.read_out(maps, size, method)
    joints_px, joints, peak, present, right = (
        values[:, 0].double().cpu().numpy() for values in read
    )
    sure = confidence(peak, network.config.calibration)
    return Prediction(joints_px, joints, peak, sure, present, right)


def predict_crops(network: HandNetwork, crops: NDArray[np.uint8]) -> Prediction:
    """Joints in byte crops (N, S, S, 3), RGB, in batches."""
    device = next(network.parameters()).device
    parts = [
        predict(network, _to_float(crops[start : start + BATCH], device))
        for start in range(0, len(crops), BATCH)
    ]
    return Prediction(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _to_float(crops: NDArray[np.uint8], device: torch.device) -> torch.Tensor:
    images = torch.from_numpy(np.ascontiguousarray(crops)).to(device)
    return images.permute(0, 3, 1, 2).float() / 255
