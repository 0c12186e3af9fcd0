"""The training loss of the heatmap network (Zhou et al. 2020, with terms of ours).

The maps learn as in DetNet: the heatmap by its squared error, delta and location by their squared
errors under the true heatmap. The read-out itself learns too, by its absolute error in the image
and in 3D, so that the joints are right between the heatmap's cells; in 3D also once it is aligned,
or a hand whose turn is not to be told would be flattened to the mean of all of them.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.hand import PARENTS
from dfmamba.model import HandMaps, read_out
from dfmamba.model.targets import Batch
from dfmamba.train.align import aligned

SIGMA_CELLS = 1.5
HEATMAP, DELTA, LOCATION, READ_2D, READ_3D, ALIGNED_3D, HAND = 50.0, 1.0, 2.0, 20.0, 5.0, 5.0, 0.3
"""How much the terms count. Delta and location are weighted means here, not sums over cells."""


def target_heatmaps(joints_px: Tensor, input_size: int, cells: int) -> Tensor:
    """Gaussians with a peak of 1 at joints (B, 21, 2) in crop pixels: (B, 21, cells, cells)."""
    centres = torch.arange(cells, device=joints_px.device) + 0.5
    distance = centres - joints_px[..., None] * (cells / input_size)
    rise = torch.exp(-0.5 * (distance / SIGMA_CELLS).square())
    return rise[..., 1, :, None] * rise[..., 0, None, :]


def hand_loss(maps: HandMaps, batch: Batch) -> dict[str, Tensor]:
    """The weighted terms by name; their sum is the loss."""
    size, cells = batch.images.shape[-1], maps.heatmap.shape[-1]
    target = target_heatmaps(batch.joints_px, size, cells)
    target = target * (batch.weight_2d > 0)[..., None, None]
    hand = read_out(maps, size)
    inside = ((batch.joints_px > 0) & (batch.joints_px < size)).all(dim=-1, keepdim=True)
    places = (hand.joints_px - batch.joints_px).abs() * inside / size
    # A picture without a hand teaches empty heatmaps.
    empty = (1 - batch.present) * batch.weight_present
    heat = (maps.heatmap.float().sigmoid() - target).square()
    apart = (hand.joints - batch.joints).abs()
    shape = (aligned(hand.joints, batch.joints, batch.weight_3d) - batch.joints).abs()
    return {
        "heatmap": HEATMAP * _mean(heat, torch.maximum(batch.weight_2d, empty[:, None])),
        **_map_terms(maps, batch, target),
        "joints 2d": READ_2D * _mean(places, batch.weight_2d),
        "joints 3d": READ_3D * _mean(apart, batch.weight_3d),
        "aligned 3d": ALIGNED_3D * _mean(shape, batch.weight_3d),
        "hand": HAND * _hand_term(maps.hand.float(), batch),
    }


def taught_loss(maps: HandMaps, taught: HandMaps, batch: Batch) -> dict[str, Tensor]:
    """What a smaller network learns from a larger one's joints in the same pictures (distillation).

    Weighted as the true joints are in `hand_loss`. Joints and not maps, whose sizes may differ.
    """
    own, theirs = read_out(maps, 1), read_out(taught, 1)
    places = (own.joints_px - theirs.joints_px.detach()).abs()
    apart = (own.joints - theirs.joints.detach()).abs()
    return {
        "taught 2d": READ_2D * _mean(places, batch.weight_2d),
        "taught 3d": READ_3D * _mean(apart, batch.weight_2d),
    }


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    """The mean of values (B, ...) or (B, 21, ...) with weights (B,) or (B, 21); 0 where all are 0.

    All of a batch together count as one picture at least.
    """
    each = values.reshape(*weight.shape, -1).mean(-1)
    return (each * weight).sum() / weight.sum().clamp_min(weight.numel() / len(weight))


def _map_terms(maps: HandMaps, batch: Batch, target: Tensor) -> dict[str, Tensor]:
    parents = [max(parent, 0) for parent in PARENTS]
    bones = batch.joints - batch.joints[:, parents]
    # A bone is known where both of its ends are.
    known = torch.minimum(batch.weight_3d, batch.weight_3d[:, parents])

    def under_heatmap(found: Tensor, true: Tensor, weight: Tensor) -> Tensor:
        error = (found.float() - true[..., None, None]).square()
        share = target * weight[..., None, None]
        return (error * share[:, :, None]).sum() / (share.sum().clamp_min(1.0) * 3)

    return {
        "delta": DELTA * under_heatmap(maps.delta, bones, known),
        "location": LOCATION * under_heatmap(maps.location, batch.joints, batch.weight_3d),
    }


def _hand_term(logits: Tensor, batch: Batch) -> Tensor:
    both = torch.stack([batch.present, batch.right], dim=1)
    present, right = F.binary_cross_entropy_with_logits(logits, both, reduction="none").unbind(1)
    return _mean(present, batch.weight_present) + _mean(right, batch.weight_right)
