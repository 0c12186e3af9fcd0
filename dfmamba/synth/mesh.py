"""Geometry of triangle meshes."""

import torch
from torch import Tensor
from torch.nn import functional as F


def vertex_normals(vertices: Tensor, triangles: Tensor) -> Tensor:
    """Unit normals (M, V, 3), outwards, of meshes (M, V, 3) with triangles (F, 3)."""
    corners = vertices[:, triangles]
    face = torch.linalg.cross(
        corners[:, :, 1] - corners[:, :, 0], corners[:, :, 2] - corners[:, :, 0]
    )
    normals = torch.zeros_like(vertices)
    for corner in range(3):
        normals.index_add_(1, triangles[:, corner], face)
    return F.normalize(normals, dim=-1)
