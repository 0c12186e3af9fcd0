"""What stands around the hands: the ground, the camera, and lines from one to the other."""

from collections.abc import Sequence

import numpy as np

from dfmamba.camera import Intrinsics
from dfmamba_live.views.scene.content import Floats, Lines, Rods
from dfmamba_live.views.scene.look import Look, faded, shares
from dfmamba_live.views.scene.mesh import THIN_MM
from dfmamba_live.views.scene.orbit import Orbit

HIGHEST_GROUND_MM = 100.0
GROUND_STEP_MM = 50.0
CELLS = 14
PIECES = 4
"""Pieces of a cell's side, each of one colour, so that the ground fades out smoothly."""
IMAGE_MM = 90.0
"""How far before the camera its picture is drawn."""
REACH_MM = 700.0
RAY_PIECES = 24


def ground_below(joints: Sequence[Floats]) -> float:
    """The y of a ground below all joints; round, so that it seldom changes."""
    lowest = max((float(each[:, 1].max()) for each in joints), default=0.0)
    wanted = np.ceil((lowest + 20.0) / GROUND_STEP_MM) * GROUND_STEP_MM
    return float(max(wanted, HIGHEST_GROUND_MM))


def grid_spacing(orbit: Orbit) -> float:
    """The side of a cell, mm: 50, 100, 200 ... by how far the view is away."""
    steps = np.array([20.0, 50.0, 100.0, 200.0, 500.0, 1000.0])
    return float(steps[np.abs(np.log(steps / (orbit.distance / 7))).argmin()])


def ground_lines(orbit: Orbit, y_mm: float, look: Look) -> Lines:
    """A grid round the target of the view that fades out; the line below the axis is stronger."""
    spacing = grid_spacing(orbit)
    x, _, z = orbit.target
    middle = np.array([x, z])
    first = np.round(middle / spacing) * spacing
    half = CELLS // 2
    places = np.arange(-half, half + 1) * spacing
    pieces = np.linspace(-half, half, 2 * half * PIECES + 1) * spacing
    along = np.stack([pieces[:-1], pieces[1:]], axis=-1)
    fixed, moving = np.broadcast_arrays(places[:, None, None], along[None])
    lines_z = np.stack([fixed, moving], axis=-1).reshape(-1, 2, 2) + first
    lines_x = np.stack([moving, fixed], axis=-1).reshape(-1, 2, 2) + first
    flat = np.concatenate([lines_z, lines_x])
    distance = np.linalg.norm(flat.mean(axis=1) - middle, axis=-1) / (half * spacing)
    strength = np.clip(1.0 - distance, 0, 1) ** 1.2
    main = np.abs(flat[:, :, 0]).max(axis=1) < 1e-6
    colours = np.where(main[:, None], shares(look.camera), shares(look.grid))
    shown = strength > 0.02
    ends = np.stack([flat[..., 0], np.full(flat.shape[:2], y_mm), flat[..., 1]], axis=-1)
    return Lines(ends[shown], faded(colours, look.background, strength)[shown])


def camera_lines(camera: Intrinsics, width: int, height: int, look: Look) -> Lines:
    """The camera: its picture's outline with the upper side marked, and how far it sees."""
    corners_px = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    corners = camera.unproject(corners_px, np.full(4, IMAGE_MM))
    centre = np.zeros(3)
    up = np.array([0.0, (corners[2] - corners[1])[1] * -0.22, 0.0])
    left, right = corners[0], corners[1]
    peak = (left + right) / 2 + up
    base = [left + 0.3 * (right - left), left + 0.7 * (right - left)]
    ends = [[centre, corner] for corner in corners]
    ends += [[corners[i], corners[(i + 1) % 4]] for i in range(4)]
    ends += [[base[0], peak], [peak, base[1]]]
    body = Lines(np.array(ends), np.tile(shares(look.camera), (len(ends), 1)))
    reach = np.linspace(IMAGE_MM, REACH_MM, RAY_PIECES + 1) / IMAGE_MM
    rays = np.stack([reach[:-1], reach[1:]], -1)[None, :, :, None] * corners[:, None, None]
    strength = 0.3 * np.tile(np.linspace(1, 0, RAY_PIECES), 4)
    colours = faded(np.tile(shares(look.camera), (4 * RAY_PIECES, 1)), look.background, strength)
    return Lines.joined([body, Lines(rays.reshape(-1, 2, 3), colours)])


def plumb_lines(wrists: Floats, y_mm: float, look: Look, colours: Floats) -> Lines:
    """From each wrist (N, 3) down to the ground; colours (N, 3)."""
    feet = wrists * [1, 0, 1] + [0, y_mm, 0]
    return Lines(np.stack([wrists, feet], axis=1), faded(colours, look.background, 0.6))


def shadows(bones: Rods, y_mm: float, look: Look) -> Rods:
    """What the bones leave on the ground when lit from above."""
    colours = np.broadcast_to(look.shade * shares(look.background), bones.colours.shape)
    ends = bones.ends * [1, 0, 1] + [0, y_mm, 0]
    return Rods(ends, np.minimum(bones.radii, THIN_MM), colours)
