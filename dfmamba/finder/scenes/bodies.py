"""Simple bodies for made scenes: what hands hang on, and what must not be taken for a hand.

Heads with painted faces, trunks, arms and legs, bare feet, paws, dolls, all of superquadrics: solid
enough to be lit and to hide what is behind. Lengths are of a grown-up, mm. A body's own axes are x
to its left, which is the picture's right, y down, z away from the camera; its origin is between the
shoulders.
"""

import math
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.draw import Draw
from dfmamba.synth.surface.paint import Paint
from dfmamba.synth.surface.textures import BACKGROUND_SIZE
from dfmamba.synth.things.objects import Objects
from dfmamba.synth.things.shapes import superquadrics

Floats = NDArray[np.floating[Any]]

FACES = 48
SHOULDER = 170.0
"""From the body's origin to each shoulder."""
UPPER_ARM, FOREARM = 280.0, 245.0
SKIN, CLOTH, HAIR, TROUSERS, FACE = range(5)
"""What a part is made of."""
TRUNK = (
    ((0, -185, 0), (80, 97, 118), FACE),
    ((0, -205, 32), (86, 92, 112), HAIR),
    ((0, -60, 8), (55, 55, 90), SKIN),
    ((0, 20, 15), (185, 75, 55), CLOTH),
    ((0, 260, 15), (175, 110, 290), CLOTH),
    ((0, 560, 15), (165, 115, 140), TROUSERS),
    ((-92, 800, 5), (82, 85, 260), TROUSERS),
    ((92, 800, 5), (82, 85, 260), TROUSERS),
    ((-100, 1230, 15), (58, 60, 240), TROUSERS),
    ((100, 1230, 15), (58, 60, 240), TROUSERS),
    ((-105, 1460, -60), (48, 130, 38), SKIN),
    ((105, 1460, -60), (48, 130, 38), SKIN),
)
"""Middle, half-sizes across, deep and tall, and matter of each part that does not move."""


class Parts(NamedTuple):
    """N superquadrics in the camera frame, mm.

    middle: (N, 3). turn: (N, 3, 3), columns are the axes; the last one is the long one.
    half: (N, 3), half-sizes along them. colour: (N, 3), linear. face: (N,), the painted face on it,
    -1 for none. scene: (N,), the scene that it is in.
    """

    middle: Tensor
    turn: Tensor
    half: Tensor
    colour: Tensor
    face: Tensor
    scene: Tensor


def joined(parts: list[Parts]) -> Parts:
    """All of them as one."""
    return Parts(*(torch.cat(column) for column in zip(*parts, strict=True)))


class Wardrobe(NamedTuple):
    """What P people are made of: linear colours (P, 3), and the face (P,) that each has."""

    skin: Tensor
    cloth: Tensor
    hair: Tensor
    trousers: Tensor
    face: Tensor


def solids(parts: Parts) -> Objects:
    """The parts as objects, to be drawn beside things."""
    count = len(parts.half)
    two, some = parts.half.new_full((count,), 2.0), parts.half.new_zeros(count)
    points, normals = superquadrics(two, two + 0.4, some, some)
    points = points * parts.half[:, None] @ parts.turn.mT
    normals = F.normalize(normals / parts.half[:, None], dim=-1) @ parts.turn.mT
    return Objects(points + parts.middle[:, None], normals, parts.scene)


def painted(parts: Parts, first_face: int, draw: Draw) -> Paint:
    """Their paint; faces are photographs from `first_face` on."""
    count = len(parts.face)
    shaded = parts.colour * (1 + 0.06 * draw.normal(count, 1))
    return Paint(
        colour=shaded[:, None].repeat(1, 2, 1).clamp(0.005, 0.95),
        bands=torch.zeros(count, device=draw.device),
        photo=first_face + parts.face.clamp(min=0),
        printed=(parts.face >= 0).float(),
        gloss=0.12 * draw.uniform(count),
    )


def upright(origin: Tensor, yaw: Tensor, size: Tensor, wear: Wardrobe, scene: Tensor) -> Parts:
    """Heads, trunks and legs of P people at origins (P, 3), turned by (P,) radians, sizes (P,)."""
    matter = torch.tensor([part[2] for part in TRUNK], device=origin.device)
    middle = origin.new_tensor([part[0] for part in TRUNK])
    half = origin.new_tensor([part[1] for part in TRUNK])
    own = yaw_turn(yaw)
    # A part's long axis points up, its second one away from the camera.
    axes = origin.new_tensor([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    people, each = len(origin), len(TRUNK)
    places = (middle * size[:, None, None]) @ own.mT + origin[:, None]
    colours = torch.stack([wear.skin, wear.cloth, wear.hair, wear.trousers, wear.skin], 1)
    face = torch.where(matter == FACE, wear.face[:, None], -1)
    return Parts(
        middle=places.flatten(0, 1),
        turn=(own @ axes)[:, None].expand(-1, each, -1, -1).reshape(-1, 3, 3),
        half=(half * size[:, None, None]).flatten(0, 1),
        colour=colours[:, matter].flatten(0, 1),
        face=face.flatten(),
        scene=scene[:, None].expand(people, each).flatten(),
    )


def yaw_turn(yaw: Tensor) -> Tensor:
    """Turns (P, 3, 3) about the vertical by (P,) radians."""
    c, s = yaw.cos(), yaw.sin()
    zero, one = torch.zeros_like(c), torch.ones_like(c)
    rows = ((c, zero, s), (zero, one, zero), (-s, zero, c))
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def limbs(start: Tensor, end: Tensor, radius: Tensor, colour: Tensor, scene: Tensor) -> Parts:
    """Round limbs from (N, 3) to (N, 3), radii (N,), colours (N, 3)."""
    along = end - start
    axis = F.normalize(along, dim=-1)
    other = torch.where(axis[:, 1:2].abs() < 0.9, axis.new_tensor([0.0, 1, 0]), axis.roll(1, -1))
    first = F.normalize(torch.linalg.cross(other, axis), dim=-1)
    turn = torch.stack([first, torch.linalg.cross(axis, first), axis], -1)
    long = along.norm(dim=-1) / 2 + 0.7 * radius
    half = torch.stack([radius, radius, long], -1)
    none = torch.full_like(scene, -1)
    return Parts((start + end) / 2, turn, half, colour, none, scene)


def soles(place: Tensor, turn: Tensor, size: Tensor, colour: Tensor, scene: Tensor) -> Parts:
    """Bare feet or paws: N pads, each with five toes before it; sizes (N,), 1 for a foot."""
    toe = torch.arange(5, device=place.device)
    across = (toe - 2) * 19.0
    ahead = 118 - 3.5 * (toe - 0.8).square()
    middles = torch.stack([across, ahead, torch.zeros_like(across)], -1)
    middles = torch.cat([middles.new_zeros(1, 3), middles])
    halves = place.new_tensor([[44.0, 24, 112], [14, 12, 26]])[[0, 1, 1, 1, 1, 1]]
    halves[1] *= 1.5
    # The long axis of pad and toes lies along y of the sole.
    axes = place.new_tensor([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    many = len(halves)
    grown = size[:, None, None]
    return Parts(
        middle=((middles * grown) @ turn.mT + place[:, None]).flatten(0, 1),
        turn=(turn @ axes)[:, None].expand(-1, many, -1, -1).reshape(-1, 3, 3),
        half=(halves * grown).flatten(0, 1),
        colour=colour.repeat_interleave(many, 0),
        face=torch.full((len(place) * many,), -1, device=place.device),
        scene=scene.repeat_interleave(many),
    )


def painted_faces(tones: Tensor, seed: int = 7) -> Tensor:
    """Faces (FACES, 3, h, w), uint8, as large as backgrounds, for heads; tones (T, 3), 0 to 1.

    The face looks at the camera: its middle is three quarters around, the chin below.
    """
    random = np.random.default_rng(seed)
    skins = np.asarray(255 * tones.cpu().numpy(), np.float64)
    faces = [_face(skins[i % len(skins)], random) for i in range(FACES)]
    return torch.from_numpy(np.stack(faces)).permute(0, 3, 1, 2).contiguous()


def _face(tone: Floats, random: np.random.Generator) -> NDArray[np.uint8]:
    """One face (h, w, 3), uint8; rows from the chin up."""
    height, width = BACKGROUND_SIZE
    picture: Floats = np.empty((height, width, 3), np.float32)
    picture[:] = tone
    hair = random.uniform(15, 130) * np.array([1, random.uniform(0.65, 0.95), 0.6])
    middle = 0.75 * width
    unit = width / (2 * math.pi)  # px of a radian around the head

    def blob(x: float, y: float, rx: float, ry: float, colour: Floats | float) -> None:
        centre = (int(middle + x * unit), int(y * height))
        axes = (max(int(rx * unit), 1), max(int(ry * height), 1))
        told = np.broadcast_to(np.asarray(colour, float), 3).tolist()
        cv2.ellipse(picture, (centre, (2 * axes[0], 2 * axes[1]), 0.0), told, -1, cv2.LINE_AA)

    dark, lips = tone * 0.62, tone * np.array([0.85, 0.55, 0.55])
    hairline = random.uniform(0.72, 0.82)
    picture[int(hairline * height) :] = hair
    picture[int(0.3 * height) :, : int(middle - 1.35 * unit)] = hair
    if random.random() < 0.25:  # a beard
        picture[: int(0.3 * height), int(middle - 1.1 * unit) : int(middle + 1.1 * unit)] = hair
    for way in (-1, 1):
        blob(way * 0.36, 0.575, 0.19, 0.045, dark)
        blob(way * 0.36, 0.575, 0.14, 0.024, 225.0)
        blob(way * 0.36, 0.575, 0.06, 0.022, 30.0)
        blob(way * 0.37, 0.64, 0.2, 0.012, hair)
        blob(way * 0.1, 0.425, 0.05, 0.014, dark)
    blob(0.0, 0.46, 0.09, 0.06, tone * 1.1)
    opened = random.uniform(0.008, 0.03)
    blob(0.0, 0.315, 0.26, opened + 0.016, lips)
    blob(0.0, 0.315, 0.22, opened, tone * 0.35 if opened > 0.015 else lips * 0.8)
    if random.random() < 0.25:  # glasses
        for way in (-1, 1):
            centre = (int(middle + way * 0.37 * unit), int(0.575 * height))
            cv2.ellipse(
                picture, centre, (int(0.27 * unit), int(0.07 * height)), 0, 0, 360, (20.0,) * 3, 3
            )
    picture += random.normal(0, 4, picture.shape)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.6).clip(0, 255), np.uint8)
