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
from dfmamba.model.decoders.heatmap.align import aligned
from dfmamba.model.decoders.heatmap.maps import HandMaps
from dfmamba.model.decoders.heatmap.read_out import read_out
from dfmamba.model.targets import Batch, weighted_mean

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
    read = read_out(maps, size)
    joints_px, joints = read.joints_px[:, 0], read.joints[:, 0]
    inside = ((batch.joints_px > 0) & (batch.joints_px < size)).all(dim=-1, keepdim=True)
    places = (joints_px - batch.joints_px).abs() * inside / size
    # A picture without a hand teaches empty heatmaps.
    empty = (1 - batch.present) * batch.weight_present
    heat = (maps.heatmap.float().sigmoid() - target).square()
    apart = (joints - batch.joints).abs()
    shape = (aligned(joints, batch.joints, batch.weight_3d) - batch.joints).abs()
    return {
        "heatmap": HEATMAP * weighted_mean(heat, torch.maximum(batch.weight_2d, empty[:, None])),
        **_map_terms(maps, batch, target),
        "joints 2d": READ_2D * weighted_mean(places, batch.weight_2d),
        "joints 3d": READ_3D * weighted_mean(apart, batch.weight_3d),
        "aligned 3d": ALIGNED_3D * weighted_mean(shape, batch.weight_3d),
        "hand": HAND * _hand_term(maps.hand.float(), batch),
    }


def _map_terms(maps: HandMaps, batch: Batch, target: Tensor) -> dict[str, Tensor]:
    bones = batch.joints - _of_parents(batch.joints)
    # A bone is known where both of its ends are.
    known = torch.minimum(batch.weight_3d, _of_parents(batch.weight_3d))

    def under_heatmap(found: Tensor, true: Tensor, weight: Tensor) -> Tensor:
        error = (found.float() - true[..., None, None]).square()
        share = target * weight[..., None, None]
        return (error * share[:, :, None]).sum() / (share.sum().clamp_min(1.0) * 3)

    return {
        "delta": DELTA * under_heatmap(maps.delta, bones, known),
        "location": LOCATION * under_heatmap(maps.location, batch.joints, batch.weight_3d),
    }


def _of_parents(values: Tensor) -> Tensor:
    """For each joint (B, 21, ...) its parent's value, for the wrist its own.

    By slices: a GPU would have to copy an index, which a CUDA graph cannot record.
    """
    return torch.stack([values[:, max(parent, 0)] for parent in PARENTS], 1)


def _hand_term(logits: Tensor, batch: Batch) -> Tensor:
    both = torch.stack([batch.present, batch.right], dim=1)
    present, right = F.binary_cross_entropy_with_logits(logits, both, reduction="none").unbind(1)
    return weighted_mean(present, batch.weight_present) + weighted_mean(right, batch.weight_right)
