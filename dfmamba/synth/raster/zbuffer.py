"""A batched z-buffer: triangles in, the nearest surface of each pixel out.

On the CPU in plain torch: every triangle lists the pixel centres of its bounding box; those inside
compete by nearness in one scatter over packed (nearness, triangle) keys, without a loop over
triangles or pictures. On a GPU a Triton kernel makes the same keys.
"""

from typing import NamedTuple

import torch
from torch import Tensor

NEAR_MM = 40.0
"""Triangles with a corner nearer than this are not drawn."""
FLAT = 1e-9
"""Triangles of a smaller area, square pixels, are seen edge-on."""
EMPTY = -1
"""The key of a pixel that nothing covers."""


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
    nearness = torch.where(depth_mm > NEAR_MM, 1 / depth_mm, 0.0)
    keys = zbuffer(points_px, nearness, picture, triangles, count, size)
    pixel = (keys != EMPTY).nonzero()[:, 0]
    key = keys[pixel]
    face, near = key & 0xFFFFFFFF, (key >> 32).int().view(torch.float32)
    mesh, triangle = face // len(triangles), face % len(triangles)
    rows = triangles[triangle] + mesh[:, None] * points_px.shape[1]
    corners = points_px.flatten(0, 1)[rows]
    x, y = pixel % size + 0.5, pixel // size % size + 0.5
    screen = _screen_weights(corners, x, y)
    weights = screen * nearness.flatten()[rows] / near[:, None]
    return Hits(pixel, mesh, triangle, weights, 1 / near)


def zbuffer(
    points_px: Tensor, nearness: Tensor, picture: Tensor, triangles: Tensor, count: int, size: int
) -> Tensor:
    """Keys (count * size * size,) of the nearest surfaces, or EMPTY.

    nearness (M, V): positive, larger nearer, linear over the picture as 1 / z is; a triangle with
    a corner at 0 is not drawn. A key's upper 32 bits are the nearness at the pixel's centre, the
    lower ones mesh * F + triangle. The rest is as in `rasterise`.
    """
    if points_px.is_cuda:
        from dfmamba.synth.raster.triton_raster import fill

        return fill(points_px, nearness, picture, triangles, count, size)
    corners, near = points_px[:, triangles].flatten(0, 1), nearness[:, triangles].flatten(0, 1)
    low = (corners.amin(1) - 0.5).ceil().clamp(0, size)
    high = (corners.amax(1) - 0.5).floor().clamp(-1, size - 1)
    span = (high - low + 1).clamp(min=0).long()
    boxes = span.prod(1) * (near.amin(1) > 0)
    face = torch.repeat_interleave(torch.arange(len(boxes)), boxes)
    inside_box = torch.arange(len(face)) - (boxes.cumsum(0) - boxes)[face]
    x = low[face, 0] + inside_box % span[face, 0]
    y = low[face, 1] + inside_box // span[face, 0]
    screen = _screen_weights(corners[face], x + 0.5, y + 0.5)
    keep = (screen.amin(1) >= 0).nonzero()[:, 0]
    face = face[keep]
    pixel = picture.repeat_interleave(len(triangles))[face] * (size * size)
    pixel += (y[keep] * size + x[keep]).long()
    # Positive floats sort like their bits, so the largest key is the nearest triangle.
    bits = (screen[keep] * near[face]).sum(1).view(torch.int32).long()
    keys = torch.full((count * size * size,), EMPTY)
    return keys.scatter_reduce_(0, pixel, bits << 32 | face, "amax")


def _screen_weights(corners: Tensor, x: Tensor, y: Tensor) -> Tensor:
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
