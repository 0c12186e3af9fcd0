"""Hands as one mesh of spheres and rods, whose vertices move and whose triangles stay."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import BONES, JOINT_COLOURS, JOINT_COUNT, TIPS, WRIST

MAX_HANDS = 2
SEGMENTS, RINGS = 14, 9
ROD_MM = 3.2
JOINT_MM = np.full(JOINT_COUNT, 5.6)
JOINT_MM[list(TIPS)] = 4.8
JOINT_MM[WRIST] = 7.0

_Floats = NDArray[np.float64]
_Indices = NDArray[np.int32]


def _sphere() -> tuple[_Floats, _Indices]:
    """A unit sphere: vertices, which are also its normals, and triangles."""
    polar, around = np.meshgrid(
        np.linspace(0, np.pi, RINGS), np.linspace(0, 2 * np.pi, SEGMENTS + 1), indexing="ij"
    )
    places = [np.sin(polar) * np.cos(around), np.cos(polar), np.sin(polar) * np.sin(around)]
    return np.stack(places, -1).reshape(-1, 3), _strips(RINGS, SEGMENTS + 1)


def _rod() -> tuple[_Floats, _Indices]:
    """A unit rod along y from 0 to 1: (cos, end, sin) per vertex, and triangles."""
    end, around = np.meshgrid([0.0, 1.0], np.linspace(0, 2 * np.pi, SEGMENTS + 1), indexing="ij")
    return np.stack([np.cos(around), end, np.sin(around)], -1).reshape(-1, 3), _strips(
        2, SEGMENTS + 1
    )


def _strips(rows: int, columns: int) -> _Indices:
    """The triangles of a grid of vertices."""
    first = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = first[:-1, :-1], first[:-1, 1:], first[1:, :-1], first[1:, 1:]
    return np.asarray(np.stack([a, b, c, b, d, c], -1).reshape(-1, 3), np.int32)


class HandMesh:
    """Up to two hands in one mesh; a hand that is not there has no size.

    vertices, normals (V, 3), scene mm; colours (V, 3), 0 to 1; triangles (F, 3). Triangles and
    colours never change.
    """

    def __init__(self) -> None:
        sphere, sphere_faces = _sphere()
        rod, rod_faces = _rod()
        self._sphere, self._rod = sphere, rod
        palette = np.array(JOINT_COLOURS) / 255
        children = [child for _, child in BONES]
        colours = [palette.repeat(len(sphere), 0), palette[children].repeat(len(rod), 0)]
        self.colours = np.tile(np.concatenate(colours), (MAX_HANDS, 1))
        starts = np.arange(MAX_HANDS * (JOINT_COUNT * len(sphere) + len(BONES) * len(rod)))
        faces, at = [], 0
        for _ in range(MAX_HANDS):
            for template, triangles, count in (
                (sphere, sphere_faces, JOINT_COUNT),
                (rod, rod_faces, len(BONES)),
            ):
                offsets = at + np.arange(count)[:, None, None] * len(template)
                faces.append((triangles + offsets).reshape(-1, 3))
                at += count * len(template)
        self.triangles = np.concatenate(faces).astype(np.int32)
        self.vertices = np.zeros((len(starts), 3))
        self.normals = np.tile([0.0, 0.0, -1.0], (len(starts), 1))

    def update(self, hands: Sequence[_Floats]) -> None:
        """Take the joints (21, 3) of the hands, scene mm; those beyond two are left out."""
        parts = [_hand(joints, self._sphere, self._rod) for joints in hands[:MAX_HANDS]]
        used = sum(len(vertices) for vertices, _ in parts)
        if parts:
            self.vertices[:used] = np.concatenate([vertices for vertices, _ in parts])
            self.normals[:used] = np.concatenate([normals for _, normals in parts])
        self.vertices[used:] = 0


def _hand(joints: _Floats, sphere: _Floats, rod: _Floats) -> tuple[_Floats, _Floats]:
    """Vertices and normals of one hand: its joints' spheres, then its bones' rods."""
    balls = joints[:, None] + sphere * JOINT_MM[:, None, None]
    start = joints[[parent for parent, _ in BONES]]
    along = joints[[child for _, child in BONES]] - start
    direction = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    # Any vector off the bone's direction gives a side: the axis along which the bone is shortest.
    other = np.eye(3)[np.abs(direction).argmin(axis=1)]
    side = np.cross(direction, other)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    third = np.cross(direction, side)
    outward = rod[:, 0, None] * side[:, None] + rod[:, 2, None] * third[:, None]
    rods = start[:, None] + along[:, None] * rod[:, 1, None] + outward * ROD_MM
    ball_normals = np.broadcast_to(sphere, balls.shape)
    return (
        np.concatenate([balls.reshape(-1, 3), rods.reshape(-1, 3)]),
        np.concatenate([ball_normals.reshape(-1, 3), outward.reshape(-1, 3)]),
    )


def ground_lines(half_mm: float = 200.0, step_mm: float = 50.0, y_mm: float = 130.0) -> _Floats:
    """The floor's grid as line segments (N, 2, 3), scene mm."""
    ticks = np.arange(-half_mm, half_mm + 1, step_mm)
    ends = np.array([-half_mm, half_mm])
    lines = [[[x, y_mm, z] for z in ends] for x in ticks]
    lines += [[[x, y_mm, z] for x in ends] for z in ticks]
    return np.array(lines)
