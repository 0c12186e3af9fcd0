"""Small meshes of known shape, and their wraps, in place of the baked household things."""

import numpy as np
import pytest
import torch
import trimesh

from dfmamba.synth.things.shapes import Shapes
from dfmamba.synth.things.shrinkwrap import grid_normals, wrapped

CAN, BOX, HAMMER, STICK, EGG = 0, 2, 8, 10, 11
"""Rows of `solids`."""


def can(radius: float, height: float) -> trimesh.Trimesh:
    return trimesh.creation.cylinder(radius, height, sections=64)


def box(*size: float) -> trimesh.Trimesh:
    return trimesh.creation.box(size)


def hammer() -> trimesh.Trimesh:
    """A handle 20 mm thick and 260 mm long, with a head of 40 x 100 mm at its end."""
    handle = [(10, 0), (10, 220), (20, 220.001), (20, 260), (0, 260)]
    mesh = trimesh.creation.revolve(np.array([(0, 0), *handle]), sections=32)
    head = mesh.vertices[:, 2] > 220
    mesh.vertices[head, 0] *= 2.5
    return mesh


def stick() -> trimesh.Trimesh:
    """A walking stick: as the hammer, but its head on one side alone."""
    mesh = hammer()
    mesh.vertices[mesh.vertices[:, 2] > 220, 0] += 40
    return mesh


def egg() -> trimesh.Trimesh:
    return trimesh.creation.icosphere(3).apply_scale([20, 30, 60])


def wrap(mesh: trimesh.Trimesh) -> torch.Tensor:
    """The grid (V, 3) around a mesh in any position, in millimetres."""
    mesh.apply_obb()
    return wrapped(torch.tensor(mesh.vertices), torch.tensor(mesh.edges_unique))


@pytest.fixture(scope="session")
def solids() -> Shapes:
    """Twelve of them: cans, boxes, round things, tools, and what fits between fingertips."""
    meshes = [can(33, 100), can(20, 150), box(30, 60, 160), box(20, 70, 80), box(57, 57, 57)]
    meshes += [can(8, 120), box(10, 80, 110), box(20, 25, 30), hammer()]
    meshes += [trimesh.creation.icosphere(3, 36), stick(), egg()]
    vertices = torch.stack([wrap(mesh) for mesh in meshes])
    return Shapes(vertices.float(), grid_normals(vertices).float())
