"""A network run over many crops."""

from collections.abc import Sequence
from typing import NamedTuple, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.model import HandMaps, HandNetwork, confidence, read_out
from dfmamba.model.decoder import Method

BATCH = 64

METHODS: tuple[Method, ...] = get_args(Method)


class Prediction(NamedTuple):
    """joints_px (N, 21, 2): crop pixels. joints (N, 21, 3): wrist-relative, palm units.

    confidence (N, 21): the probability that the joint is right, and peak (N, 21), what it is told
    from. present (N,) and right (N,): the probabilities of a hand, and of a right one.
    """

    joints_px: NDArray[np.float64]
    joints: NDArray[np.float64]
    peak: NDArray[np.float64]
    confidence: NDArray[np.float64]
    present: NDArray[np.float64]
    right: NDArray[np.float64]


def predict(network: HandNetwork, images: torch.Tensor) -> Prediction:
    """Joints in float pictures (B, 3, S, S), RGB in 0 to 1, on the network's device."""
    return predict_by(network, images, ("soft",))["soft"]


@torch.inference_mode()
def predict_by(
    network: HandNetwork, images: torch.Tensor, methods: Sequence[Method]
) -> dict[Method, Prediction]:
    """`predict` by several read-outs of the same maps."""
    maps = network(images)
    return {each: _prediction(network, maps, images.shape[-1], each) for each in methods}


def _prediction(network: HandNetwork, maps: HandMaps, size: int, method: Method) -> Prediction:
    read = read_out(maps, size, method)
    joints_px, joints, peak, hand = (
        values.double().cpu().numpy()
        for values in (read.joints_px, read.joints, read.peak, read.hand)
    )
    sure = confidence(peak, network.config.calibration)
    return Prediction(joints_px, joints, peak, sure, hand[:, 0], hand[:, 1])


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
