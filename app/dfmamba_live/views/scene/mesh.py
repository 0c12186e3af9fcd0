"""Balls and rods as one triangle mesh."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dfmamba_live.views.scene.content import Balls, Floats, Rods

THIN_MM = 2.6
"""Rods up to this radius are strokes: made of fewer triangles, and lit as if flat."""
BALL_RINGS, BALL_SIDES, ROD_SIDES, THIN_SIDES = 10, 16, 14, 5

Indices = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles, seen from outside."""

    vertices: Floats
    """(V, 3), mm."""
    normals: Floats
    """(V, 3), of length 1."""
    colours: Floats
    """(V, 3), 0 to 1."""
    triangles: Indices
    """(T, 3), places in `vertices`."""


def mesh_of(balls: Balls, rods: Rods, light: Floats) -> Mesh:
    """One mesh of all. light (3,): the normal of all strokes, so that they are lit evenly."""
    thin = rods.radii.max(axis=1, initial=0.0) <= THIN_MM
    strokes = _rods(_chosen(rods, thin), THIN_SIDES)
    strokes = replace(
        strokes,
        normals=np.broadcast_to(light, strokes.normals.shape),
        # From the inside too, for where one ends and bends away from the next it is open.
        triangles=np.concatenate([strokes.triangles, strokes.triangles[:, ::-1]]),
    )
    parts = [_balls(balls), _rods(_chosen(rods, ~thin), ROD_SIDES), strokes]
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    return Mesh(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.normals for part in parts]),
        np.concatenate([part.colours for part in parts]),
        np.concatenate(
            [part.triangles + start for part, start in zip(parts, starts, strict=False)]
        ).astype(np.int32),
    )


def _chosen(rods: Rods, chosen: NDArray[np.bool_]) -> Rods:
    return Rods(rods.ends[chosen], rods.radii[chosen], rods.colours[chosen])


def _balls(balls: Balls) -> Mesh:
    sphere, triangles = _unit_sphere()
    vertices = balls.centres[:, None] + sphere * balls.radii[:, None, None]
    return Mesh(
        vertices.reshape(-1, 3),
        np.tile(sphere, (len(balls.radii), 1)),
        balls.colours.repeat(len(sphere), axis=0),
        _repeated(triangles, len(balls.radii), len(sphere)),
    )


def _rods(rods: Rods, sides: int) -> Mesh:
    circle, triangles = _unit_tube(sides)
    along = rods.ends[:, 1] - rods.ends[:, 0]
    direction = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    # Any vector off the rod's direction gives a side: the axis along which the rod is shortest.
    other = np.eye(3)[np.abs(direction).argmin(axis=1)]
    across = np.cross(direction, other)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    third = np.cross(direction, across)
    outward = circle[:, 0, None] * across[:, None] + circle[:, 1, None] * third[:, None]
    outward = np.broadcast_to(outward[:, None], (len(along), 2, *outward.shape[1:]))
    vertices = rods.ends[:, :, None] + outward * rods.radii[..., None, None]
    colours = np.broadcast_to(rods.colours[:, :, None], vertices.shape)
    return Mesh(
        vertices.reshape(-1, 3),
        outward.reshape(-1, 3),
        colours.reshape(-1, 3),
        _repeated(triangles, len(along), 2 * len(circle)),
    )


@cache
def _unit_sphere() -> tuple[Floats, Indices]:
    """Vertices, which are also the normals, and triangles."""
    polar, around = np.meshgrid(
        np.linspace(0, np.pi, BALL_RINGS), np.linspace(0, 2 * np.pi, BALL_SIDES + 1), indexing="ij"
    )
    places = [np.sin(polar) * np.cos(around), np.cos(polar), np.sin(polar) * np.sin(around)]
    return np.stack(places, -1).reshape(-1, 3), _strips(BALL_RINGS, BALL_SIDES + 1)


@cache
def _unit_tube(sides: int) -> tuple[Floats, Indices]:
    """The (cos, sin) of its outline, and the triangles between two such outlines."""
    around = np.linspace(0, 2 * np.pi, sides + 1)
    return np.stack([np.cos(around), np.sin(around)], -1), _strips(2, sides + 1)


def _strips(rows: int, columns: int) -> Indices:
    """The triangles of a grid of vertices."""
    first = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = first[:-1, :-1], first[:-1, 1:], first[1:, :-1], first[1:, 1:]
    return np.asarray(np.stack([a, b, c, b, d, c], -1).reshape(-1, 3), np.int32)


def _repeated(triangles: Indices, count: int, vertices: int) -> Indices:
    """The triangles of `count` copies of a shape with so many vertices."""
    starts = np.arange(count, dtype=np.int32) * vertices
    return (starts[:, None, None] + triangles).reshape(-1, 3)
