"""Which joints a picture shows."""

import torch
from torch import Tensor

from dfmamba.hand import WRIST

FLESH_MM = 16.0
"""A joint lies at most about this deep under the skin; the wrist lies deeper."""


def visible_joints(joints: Tensor, joints_px: Tensor, depth: Tensor) -> Tensor:
    """Whether each joint (B, 21) is just under the hand's own surface at its pixel.

    depth (B, E, E): of the hand where it is seen, inf elsewhere.
    """
    edge = depth.shape[-1]
    flesh = torch.full((joints.shape[1],), FLESH_MM, device=joints.device)
    flesh[WRIST] = 1.6 * FLESH_MM
    rows, x, y, inside = _pixels(joints_px, edge)
    seen = depth[rows, y, x]
    return inside & seen.isfinite() & (joints[..., 2] - seen < flesh)


def uncovered(joints_px: Tensor, cover: Tensor) -> Tensor:
    """Whether each joint (B, 21) lies inside the crop, behind no cover (B, 1, S, S)."""
    rows, x, y, inside = _pixels(joints_px, cover.shape[-1])
    return inside & (cover[rows, 0, y, x] < 0.5)


def _pixels(points_px: Tensor, size: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Rows (B, 1), and the pixels x and y (B, N) that hold points, or are nearest; and which do."""
    inside = ((points_px >= 0) & (points_px < size)).all(-1)
    x, y = points_px.long().clamp(0, size - 1).unbind(-1)
    return torch.arange(len(points_px), device=points_px.device)[:, None], x, y, inside
