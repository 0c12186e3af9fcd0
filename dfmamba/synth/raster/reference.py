"""The z-buffer in plain torch.

Every triangle lists the pixel centres of its bounding box; those inside compete by nearness in one
scatter over packed keys, without a loop over triangles or pictures.
"""

import torch
from torch import Tensor

from dfmamba.synth.raster.keys import EMPTY, FLAT


def zbuffer(
    points_px: Tensor, nearness: Tensor, picture: Tensor, triangles: Tensor, count: int, size: int
) -> Tensor:
    """Keys (count * size * size,) of the nearest surfaces; arguments as in `zbuffer.zbuffer`."""
    corners, near = points_px[:, triangles].flatten(0, 1), nearness[:, triangles].flatten(0, 1)
    low = (corners.amin(1) - 0.5).ceil().clamp(0, size)
    high = (corners.amax(1) - 0.5).floor().clamp(-1, size - 1)
    span = (high - low + 1).clamp(min=0).long()
    boxes = span.prod(1) * (near.amin(1) > 0)
    face = torch.repeat_interleave(torch.arange(len(boxes)), boxes)
    inside_box = torch.arange(len(face)) - (boxes.cumsum(0) - boxes)[face]
    x = low[face, 0] + inside_box % span[face, 0]
    y = low[face, 1] + inside_box // span[face, 0]
    screen = screen_weights(corners[face], x + 0.5, y + 0.5)
    keep = (screen.amin(1) >= 0).nonzero()[:, 0]
    face = face[keep]
    pixel = picture.repeat_interleave(len(triangles))[face] * (size * size)
    pixel += (y[keep] * size + x[keep]).long()
    bits = (screen[keep] * near[face]).sum(1).view(torch.int32).long()
    keys = torch.full((count * size * size,), EMPTY)
    return keys.scatter_reduce_(0, pixel, bits << 32 | face, "amax")


def screen_weights(corners: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Barycentrics (N, 3) on the screen of points in triangles (N, 3, 2); negative where flat."""
    first, edge1, edge2 = (
        corners[:, 0],
        corners[:, 1] - corners[:, 0],
        corners[:, 2] - corners[:, 0],
    )
    area = edge1[:, 0] * edge2[:, 1] - edge1[:, 1] * edge2[:, 0]
    dx, dy = x - first[:, 0], y - first[:, 1]
    w1 = (edge2[:, 1] * dx - edge2[:, 0] * dy) / area
    w2 = (edge1[:, 0] * dy - edge1[:, 1] * dx) / area
    weights = torch.stack([1 - w1 - w2, w1, w2], 1)
    return torch.where((area.abs() > FLAT)[:, None], weights, -1.0)
