"""The training loss of the heatmap network (Zhou et al. 2020, with two read-out terms of ours).

The maps learn as in DetNet: the heatmap by its squared error, delta and location by their squared
errors under the true heatmap. The read-out itself learns too, by its absolute error in the image
and in 3D, so that the joints are right between the heatmap's cells.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.hand import MIDDLE_MCP, PARENTS, WRIST
from dfmamba.model import HandMaps, read_out

SIGMA_CELLS = 1.5
HEATMAP, DELTA, LOCATION, IMAGE, SPACE = 50.0, 1.0, 2.0, 20.0, 5.0
"""Weights of the five terms. Delta and location are weighted means here, not sums over cells."""


def palm_units(joints_mm: Tensor) -> Tensor:
    """Joints (B, 21, 3) in mm to wrist-relative joints in units of |wrist - middle MCP|."""
    relative = joints_mm - joints_mm[:, WRIST, None]
    palm: Tensor = relative[:, MIDDLE_MCP].norm(dim=-1)
    return relative / palm[:, None, None]


def target_heatmaps(joints_px: Tensor, input_size: int, cells: int) -> Tensor:
    """Gaussians with a peak of 1 at joints (B, 21, 2) in crop pixels: (B, 21, cells, cells)."""
    centres = torch.arange(cells, device=joints_px.device) + 0.5
    distance = centres - joints_px[..., None] * (cells / input_size)
    rise = torch.exp(-0.5 * (distance / SIGMA_CELLS).square())
    return rise[..., 1, :, None] * rise[..., 0, None, :]


def hand_loss(
    maps: HandMaps, joints_px: Tensor, joints_mm: Tensor, input_size: int
) -> dict[str, Tensor]:
    """The weighted terms by name; their sum is the loss.

    joints_px (B, 21, 2): crop pixels; joints_mm (B, 21, 3): camera frame.
    """
    cells = maps.heatmap.shape[-1]
    joints = palm_units(joints_mm)
    bones = joints - joints[:, [max(parent, 0) for parent in PARENTS]]
    target = target_heatmaps(joints_px, input_size, cells)
    total = target.sum().clamp_min(1.0) * 3

    def under_heatmap(found: Tensor, true: Tensor) -> Tensor:
        error = (found.float() - true[..., None, None]).square()
        return (error * target[:, :, None]).sum() / total

    hand = read_out(maps, input_size)
    inside = ((joints_px > 0) & (joints_px < input_size)).all(dim=-1, keepdim=True)
    image = (hand.joints_px - joints_px).abs() * inside / input_size
    return {
        "heatmap": HEATMAP * F.mse_loss(maps.heatmap.float().sigmoid(), target),
        "delta": DELTA * under_heatmap(maps.delta, bones),
        "location": LOCATION * under_heatmap(maps.location, joints),
        "image": IMAGE * image.mean(),
        "space": SPACE * (hand.joints - joints).abs().mean(),
    }
