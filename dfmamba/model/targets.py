"""What a network learns from: pictures, what is known of each, and how much each of it counts."""

from typing import NamedTuple

from torch import Tensor


class Batch(NamedTuple):
    """B crops of one hand each, or of none. Weights are from 0, where a label is unknown, to 1."""

    images: Tensor
    """(B, 3, S, S): RGB, 0 to 1."""
    joints_px: Tensor
    """(B, 21, 2): x and y in pixels of the crop."""
    weight_2d: Tensor
    """(B, 21): how much each joint's place in the image counts."""
    joints: Tensor
    """(B, 21, 3): relative to the wrist, in palm units, facing the crop (`Crop.facing`)."""
    weight_3d: Tensor
    """(B, 21): how much each joint's place in space counts."""
    present: Tensor
    """(B,): 1 where there is a hand, else 0."""
    weight_present: Tensor
    """(B,): how much `present` counts."""
    right: Tensor
    """(B,): 1 where the hand is shown as a right one, as the network expects, else 0."""
    weight_right: Tensor
    """(B,): how much `right` counts; 0 where there is no hand, which has no side."""


def weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    """The mean of values (B, ...) or (B, 21, ...) with weights (B,) or (B, 21); 0 where all are 0.

    All of a batch together count as one picture at least.
    """
    each = values.reshape(*weight.shape, -1).mean(-1)
    return (each * weight).sum() / weight.sum().clamp_min(weight.numel() / len(weight))
