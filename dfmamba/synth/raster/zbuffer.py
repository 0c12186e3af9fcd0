"""A batched z-buffer: triangles in, the nearest surface of each pixel out.

In plain torch on a processor (`reference`), by a Triton kernel that makes the same keys on a GPU.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from dfmamba.synth.raster import reference
from dfmamba.synth.raster.keys import EMPTY
from dfmamba.synth.raster.reference import screen_weights

if torch.cuda.is_available():
    from dfmamba.synth.raster import triton_raster

NEAR_MM = 40.0
"""Triangles with a corner nearer than this are not drawn."""


class Hits(NamedTuple):
    """The surface seen by the N covered pixels of B pictures."""

    pixel: Tensor
    """(N,): flat index into (B, size, size)."""
    mesh: Tensor
    """(N,): the mesh that is seen."""
    triangle: Tensor
    """(N,): the triangle of the mesh."""
    weights: Tensor
    """(N, 3): perspective-correct barycentrics of the triangle's corners."""
    depth: Tensor
    """(N,): camera z, mm."""


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
    screen = screen_weights(corners, x, y)
    weights = screen * nearness.flatten()[rows] / near[:, None]
    return Hits(pixel, mesh, triangle, weights, 1 / near)


def zbuffer(
    points_px: Tensor, nearness: Tensor, picture: Tensor, triangles: Tensor, count: int, size: int
) -> Tensor:
    """Keys (count * size * size,) of the nearest surfaces, or EMPTY; see `keys`.

    nearness (M, V): positive, larger nearer, linear over the picture as 1 / z is; a triangle with
    a corner at 0 is not drawn. The rest is as in `rasterise`.
    """
    chosen = triton_raster.zbuffer if points_px.is_cuda else reference.zbuffer
    keys: Tensor = chosen(points_px, nearness, picture, triangles, count, size)
    return keys
