"""The training loss of the heatmap network (Zhou et al. 2020, with terms of ours).

The maps learn as in DetNet: the heatmap by its squared error, delta and location by their squared
errors under the true heatmap. The read-out itself learns too, by its absolute error in the image
and in 3D, so that the joints are right between the heatmap's cells; in 3D also once it is aligned,
or a hand whose turn is not to be told would be flattened to the mean of all of them.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.data.batch import Batch
from dfmamba.hand import PARENTS
from dfmamba.model import HandMaps, read_out
from dfmamba.train.align import aligned

SIGMA_CELLS = 1.5
HEATMAP, DELTA, LOCATION, IMAGE, SPACE, ALIGNED = 50.0, 1.0, 2.0, 20.0, 5.0, 5.0
"""Weights of the terms. Delta and location are weighted means here, not sums over cells."""
HAND = 0.3


def target_heatmaps(joints_px: Tensor, input_size: int, cells: int) -> Tensor:
    """Gaussians with a peak of 1 at joints (B, 21, 2) in crop pixels: (B, 21, cells, cells)."""
    centres = torch.arange(cells, device=joints_px.device) + 0.5
    distance = centres - joints_px[..., None] * (cells / input_size)
    rise = torch.exp(-0.5 * (distance / SIGMA_CELLS).square())
    return rise[..., 1, :, None] * rise[..., 0, None, :]


def hand_loss(maps: HandMaps, batch: Batch) -> dict[str, Tensor]:
    """The weighted terms by name; their sum is the loss."""
    size, cells = batch.images.shape[-1], maps.heatmap.shape[-1]
    target = target_heatmaps(batch.joints_px, size, cells) * (batch.image > 0)[:, None, None, None]
    hand = read_out(maps, size)
    inside = ((batch.joints_px > 0) & (batch.joints_px < size)).all(dim=-1, keepdim=True)
    image = (hand.joints_px - batch.joints_px).abs() * inside / size
    # A picture without a hand teaches empty heatmaps.
    heat = (maps.heatmap.float().sigmoid() - target).square()
    apart = (hand.joints - batch.joints).abs()
    shape = (aligned(hand.joints, batch.joints) - batch.joints).abs()
    return {
        "heatmap": HEATMAP * _mean(heat, torch.maximum(batch.image, 1 - batch.present)),
        **_map_terms(maps, batch, target),
        "image": IMAGE * _mean(image, batch.image),
        "space": SPACE * _mean(apart, batch.space),
        "aligned": ALIGNED * _mean(shape, batch.space),
        "hand": HAND * _hand_term(maps.hand.float(), batch),
    }


def taught_loss(maps: HandMaps, taught: HandMaps, batch: Batch) -> dict[str, Tensor]:
    """What a smaller network learns from a larger one's joints in the same pictures (distillation).

    Weighted as the true joints are in `hand_loss`. Joints and not maps, whose sizes may differ.
    """
    own, theirs = read_out(maps, 1), read_out(taught, 1)
    image = (own.joints_px - theirs.joints_px.detach()).abs()
    space = (own.joints - theirs.joints.detach()).abs()
    return {
        "taught image": IMAGE * _mean(image, batch.image),
        "taught space": SPACE * _mean(space, batch.image),
    }


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    """The mean of values (B, ...) with a weight for each picture (B,); 0 where all are 0."""
    return (values.reshape(len(values), -1).mean(1) * weight).sum() / weight.sum().clamp_min(1.0)


def _map_terms(maps: HandMaps, batch: Batch, target: Tensor) -> dict[str, Tensor]:
    bones = torch.stack(
        [batch.joints[:, i] - batch.joints[:, max(parent, 0)] for i, parent in enumerate(PARENTS)],
        1,
    )
    target = target * batch.space[:, None, None, None]
    total = target.sum().clamp_min(1.0) * 3

    def under_heatmap(found: Tensor, true: Tensor) -> Tensor:
        error = (found.float() - true[..., None, None]).square()
        return (error * target[:, :, None]).sum() / total

    return {
        "delta": DELTA * under_heatmap(maps.delta, bones),
        "location": LOCATION * under_heatmap(maps.location, batch.joints),
    }


def _hand_term(logits: Tensor, batch: Batch) -> Tensor:
    both = torch.stack([batch.present, batch.right], dim=1)
    error = F.binary_cross_entropy_with_logits(logits, both, reduction="none")
    # Nothing is left or right about an empty picture.
    return error[:, 0].mean() + _mean(error[:, 1], batch.present)
