"""A batched z-buffer in plain torch: the same code on the CPU and the GPU.

Every triangle lists the pixel centres of its bounding box; those inside compete by depth in one
scatter over packed (inverse depth, triangle) keys. No loop over triangles or pictures.
"""

from typing import NamedTuple

import torch
from torch import Tensor

NEAR_MM = 40.0
"""Triangles with a corner nearer than this are not drawn."""


class Hits(NamedTuple):
    """The surface seen by the N covered pixels.

    pixel (N,): flat index into (B, size, size). mesh (N,) and triangle (N,): what is seen.
    weights (N, 3): perspective-correct barycentrics. depth (N,): camera z, mm.
    """

    pixel: Tensor
    mesh: Tensor
    triangle: Tensor
    weights: Tensor
    depth: Tensor


def rasterise(
    points_px: Tensor, depth_mm: Tensor, picture: Tensor, triangles: Tensor, count: int, size: int
) -> Hits:
    """Draw M meshes into `count` pictures of `size` x `size` pixels.

    points_px (M, V, 2): pixel (0, 0) is the corner of the top-left pixel. depth_mm (M, V): camera
    z. picture (M,): the picture of each mesh. triangles (F, 3): drawn from both sides.
    """
    device = points_px.device
    corners = points_px[:, triangles].flatten(0, 1)  # (M * F, 3, 2)
    inverse = 1 / depth_mm.clamp(min=NEAR_MM)[:, triangles].flatten(0, 1)
    low = (corners.amin(1) - 0.5).ceil().clamp(0, size)
    high = (corners.amax(1) - 0.5).floor().clamp(-1, size - 1)
    span = (high - low + 1).clamp(min=0).long()
    edge1, edge2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = edge1[:, 0] * edge2[:, 1] - edge1[:, 1] * edge2[:, 0]
    drawn = (inverse.amax(1) < 1 / NEAR_MM) & (area.abs() > 1e-9)
    boxes = span.prod(1) * drawn

    face = torch.repeat_interleave(torch.arange(len(boxes), device=device), boxes)
    first = boxes.cumsum(0) - boxes
    inside_box = torch.arange(len(face), device=device) - first[face]
    width = span[face, 0]
    x = low[face, 0] + inside_box % width
    y = low[face, 1] + inside_box // width

    # Barycentrics relative to corner 0, affine in the pixel: two multiply-adds each.
    slope = torch.stack([edge2[:, 1], -edge2[:, 0], -edge1[:, 1], edge1[:, 0]], 1) / area[:, None]
    slope, origin = slope[face], corners[face, 0]
    dx, dy = x + 0.5 - origin[:, 0], y + 0.5 - origin[:, 1]
    w1 = slope[:, 0] * dx + slope[:, 1] * dy
    w2 = slope[:, 2] * dx + slope[:, 3] * dy
    screen = torch.stack([1 - w1 - w2, w1, w2], 1)
    keep = (screen.amin(1) >= 0).nonzero()[:, 0]
    face, screen = face[keep], screen[keep]
    base = picture.repeat_interleave(len(triangles))[face] * (size * size)
    pixel = base + (y[keep] * size + x[keep]).long()
    near = (screen * inverse[face]).sum(1)

    # Positive floats sort like their bits, so the largest key is the nearest triangle.
    key = (near.view(torch.int32).long() << 32) | torch.arange(len(face), device=device)
    best = torch.full((count * size * size,), -1, dtype=torch.long, device=device)
    best.scatter_reduce_(0, pixel, key, "amax")
    covered = (best >= 0).nonzero()[:, 0]
    fragment = best[covered] & 0xFFFFFFFF
    face, near = face[fragment], near[fragment]
    weights = screen[fragment] * inverse[face] / near[:, None]
    return Hits(covered, face // len(triangles), face % len(triangles), weights, 1 / near)
