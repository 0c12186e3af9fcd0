"""Things that hands hold or touch: balls, boxes, bottles, pens, cards, sized to fit the fingers.

They are superquadrics, and real things where those are baked, on one grid, so that any mixture of
them is one tensor. An object is made smaller along some of its axes until the fingers touch it and
hardly go into it.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.hand import MIDDLE_MCP, WRIST
from dfmamba.synth.draw import Draw
from dfmamba.synth.hand.contact import flesh
from dfmamba.synth.hand.key_poses import FAMILIES
from dfmamba.synth.rotations import random_turns
from dfmamba.synth.scene import Hands
from dfmamba.synth.things.shapes import COLUMNS, ROWS, Shapes, heights, superquadrics

TRIES = 40
"""Places that are tried for each object; the one where it fits best is kept."""
REAL = 0.4
"""Share of the objects that have the shape of a real thing, where there are such shapes."""
SMALLEST = 0.2
"""Where an object would have to be smaller than this share of its size there is none."""
HOLDING = {"grasp": 5.0, "pinch": 4.0, "relaxed": 1.5, "fist": 1.5}
"""How much likelier than others hands of these families have an object."""
NEAR = 0.15
"""Share of the objects that are not held but near the hand."""
WRAPPED, PALM, TIPS, PEN, PLATE, PHONE = range(6)
"""Ways to hold, in the order in which `_holds` gives them; the last there is near the hand."""
ALL, ROUND, THICK = (True, True, True), (True, True, False), (True, False, False)
GROWS = (ROUND, ALL, ALL, ROUND, THICK, ROUND)
"""For each way to hold, the axes along which a thing is made to fit."""


class Kind(NamedTuple):
    """A kind of object and how it is held."""

    hold: int
    """How it is held."""
    share: float
    """How often it is drawn."""
    low: tuple[float, float, float]
    """Lower limits of its half-sizes, mm."""
    high: tuple[float, float, float]
    """Upper limits of its half-sizes, mm."""
    around: tuple[float, float]
    """Limits of the exponent of the cross-section (2 round, 8 boxy)."""
    along: tuple[float, float]
    """Limits of the exponent of the profile (2 round, 8 boxy)."""
    taper: float
    """How much thinner one end may be."""
    neck: float
    """The share with the neck of a bottle."""


KINDS = (
    Kind(WRAPPED, 0.2, (16, 16, 50), (42, 42, 130), (2, 2), (6, 9), 0.2, 0.5),  # bottles
    Kind(WRAPPED, 0.1, (9, 9, 60), (22, 22, 200), (2, 6), (2.5, 9), 0, 0),  # sticks
    Kind(WRAPPED, 0.08, (15, 20, 40), (35, 45, 110), (6, 9), (7, 9), 0, 0),  # boxes
    Kind(PALM, 0.14, (18, 18, 18), (45, 45, 45), (2, 2.6), (2, 2.6), 0, 0),  # balls, fruit
    Kind(TIPS, 0.13, (6, 6, 6), (25, 25, 40), (2, 9), (2, 9), 0.2, 0),
    Kind(PEN, 0.13, (3.5, 3.5, 60), (6, 6, 85), (2, 6), (3, 9), 0.2, 0),
    Kind(PLATE, 0.12, (1, 25, 30), (8, 60, 85), (6, 10), (6, 10), 0, 0),  # cards, books
    Kind(PHONE, 0.1, (4, 32, 62), (7, 40, 82), (7, 10), (7, 10), 0, 0),
)


class _Things(NamedTuple):
    """M objects before they find a place.

    hold (M,). grows (M, 3): the axes along which they are made to fit. half (M, 3): half-sizes,
    mm. around (M,): the cross-section's exponent. reach (M, ROWS - 1, 2, 2): as in `Shapes`. flip
    (M, 3): the signs of their axes. points (M, V, 3): of half-sizes 1. normals (M, V, 3): there, of
    any length.
    """

    hold: Tensor
    grows: Tensor
    half: Tensor
    around: Tensor
    reach: Tensor
    flip: Tensor
    points: Tensor
    normals: Tensor


class Objects(NamedTuple):
    """M objects of V vertices each, with the triangles and texture coordinates of `grid`."""

    vertices: Tensor
    """(M, V, 3): mm, camera frame; all in one point where there is none after all."""
    normals: Tensor
    """(M, V, 3): unit, outwards."""
    picture: Tensor
    """(M,): the row of the hand that has it."""


def no_objects(device: torch.device | str = "cpu") -> Objects:
    """None at all."""
    vertices = torch.zeros(0, ROWS * (COLUMNS + 1), 3, device=device)
    return Objects(vertices, vertices, torch.zeros(0, dtype=torch.long, device=device))


def place_objects(hands: Hands, share: float, draw: Draw, shapes: Shapes | None = None) -> Objects:
    """Give `share` of the placed right hands an object that fits their fingers.

    One at least, unless the share is 0. shapes: real things that some of the objects are.
    """
    count = math.ceil(share * len(hands.side))
    if not count:
        return no_objects(draw.device)
    likely = torch.tensor([HOLDING.get(f, 1.0) for f in (*FAMILIES, "free")], device=draw.device)
    picture = likely[hands.family].multinomial(count, generator=draw.generator)
    things = _superquadrics(count, draw)
    if shapes is not None:
        things = _some_real(things, shapes, draw)

    joints, own = hands.joints[picture], torch.arange(count, device=draw.device)
    middles, turns = _holds(joints, things.half, draw)
    near = draw.chance(NEAR, count)
    hold = torch.where(near, len(middles) - 1, things.hold)
    middle, turn = middles[hold, own], turns[hold, own] * things.flip[:, None, None]
    fit = _fit(joints, middle, turn, things)
    # The larger the better; but what is far from all fingers is not held.
    best = (fit.clamp(max=1) - 0.1 * fit.clamp(1, 4)).argmax(1)
    middle, turn, size = middle[own, best], turn[own, best], fit[own, best].clamp(max=1)[:, None]
    half = torch.where(things.grows, things.half * size, things.half) * (size > SMALLEST)
    points = things.points * half[:, None]
    normals = F.normalize(things.normals / half.clamp(min=0.1)[:, None], dim=-1)
    return Objects(points @ turn.mT + middle[:, None], normals @ turn.mT, picture)


def _superquadrics(count: int, draw: Draw) -> _Things:
    shares = torch.tensor([k.share for k in KINDS], device=draw.device)
    kind = shares.multinomial(count, replacement=True, generator=draw.generator)

    def of_kind(name: str) -> Tensor:
        return torch.tensor([getattr(k, name) for k in KINDS], device=draw.device)[kind]

    def within(limits: Tensor) -> Tensor:
        return limits[:, 0] + (limits[:, 1] - limits[:, 0]) * draw.uniform(count)

    hold = of_kind("hold")
    half = of_kind("low") + (of_kind("high") - of_kind("low")) * draw.uniform(count, 3)
    # Most things that fit in two directions are as thick in both.
    grows = torch.tensor(GROWS, device=draw.device)[hold]
    half[:, 1] = torch.where(grows[:, 1] & draw.chance(0.6, count), half[:, 0], half[:, 1])
    around = within(of_kind("around"))
    along = within(of_kind("along"))
    taper = of_kind("taper") * draw.between(-1, 1, count)
    neck = (draw.uniform(count) < of_kind("neck")) * draw.between(0.4, 0.65, count)
    points, normals = superquadrics(around, along, taper, neck)
    reach, flip = half.new_ones(count, ROWS - 1, 2, 2), half.new_ones(count, 3)
    return _Things(hold, grows, half, around, reach, flip, points, normals)


def _some_real(things: _Things, shapes: Shapes, draw: Draw) -> _Things:
    """The things, a share `REAL` of them replaced by real ones of their true size."""
    count = len(things.hold)
    row = draw.index(len(shapes.half), count)
    half = shapes.half[row]
    hold = way_to_hold(half)
    grows = torch.tensor(GROWS, device=draw.device)[hold]
    # Where the long axis shrinks too, other rows come beside a finger: the widest part counts.
    reach = torch.where(grows[:, 2, None, None, None], 1.0, shapes.reach[row])
    # Held either way up and either side first.
    sign = torch.where(draw.chance(0.5, count, 2), 1.0, -1.0)
    real = _Things(
        hold=hold,
        grows=grows,
        half=half,
        around=shapes.around[row],
        reach=reach,
        flip=torch.cat([sign, sign.prod(1, keepdim=True)], 1),
        points=shapes.vertices[row] / half[:, None],
        normals=shapes.normals[row] * half[:, None],
    )
    taken = draw.chance(REAL, count)
    pairs = zip(real, things, strict=True)
    return _Things(*(torch.where(taken.view(-1, *[1] * (a.ndim - 1)), a, b) for a, b in pairs))


def way_to_hold(half: Tensor) -> Tensor:
    """How things (M,) of half-sizes (M, 3), mm, the smallest first, are held."""
    x, y, z = half.unbind(1)
    hold = torch.where(z > 1.3 * y, WRAPPED, PALM)
    hold = torch.where((x < 20) & (x < 0.5 * y) & (z < 1.6 * y), PLATE, hold)
    hold = torch.where(y < 14, PEN, hold)
    return torch.where((x < 22) & (z < 40), TIPS, hold)


def _holds(joints: Tensor, half: Tensor, draw: Draw) -> tuple[Tensor, Tensor]:
    """Middles (7, M, T, 3) and turns (7, M, T, 3, 3) of things held in each way.

    joints (M, 21, 3); half (M, 3): half-sizes.
    """
    count, shape = len(joints), (len(joints), TRIES, 3)

    def noise(size: float) -> Tensor:
        return size * draw.normal(*shape)

    def some(*rows: int) -> Tensor:
        """A point (M, T, 3) somewhere between these joints."""
        share = -draw.uniform(count, TRIES, len(rows)).clamp(min=1e-6).log()
        return (share / share.sum(-1, keepdim=True)) @ joints[:, list(rows)]

    across = F.normalize(joints[:, 5] - joints[:, 17], dim=-1)[:, None]
    up = F.normalize(joints[:, MIDDLE_MCP] - joints[:, WRIST], dim=-1)[:, None]
    out = F.normalize(torch.linalg.cross(across, up), dim=-1)  # of the palm
    thumb, finger = joints[:, None, 4], some(8, 12)
    between, gap = (thumb + finger) / 2, F.normalize(finger - thumb, dim=-1)
    palm = some(5, 9, 13, 17, 0) + draw.between(10, 50, count, TRIES, 1) * out
    inside = some(5, 17, 6, 18, 8, 12, 16, 20, 4) + draw.between(0, 25, count, TRIES, 1) * out
    anyhow = random_turns(count * TRIES, draw.generator, draw.device).view(*shape, 3)

    wrapped = _frame(across + noise(0.2), out + noise(0.3))
    # A pen lies on the web of the thumb, a card reaches out of the hand.
    pen = F.normalize(between - some(5, 2) + noise(5), dim=-1)
    beyond = draw.between(15, 45, count, TRIES, 1)
    away = F.normalize(between - joints[:, None, MIDDLE_MCP], dim=-1)
    plate = _frame(away + noise(0.4), gap, keep_side=True)
    reach = draw.between(0.1, 0.95, count, TRIES, 1) * half[:, None, 2:]
    phone = _frame(up + noise(0.2), out + noise(0.2))
    near = F.normalize(noise(1), dim=-1) * draw.between(60, 160, count, TRIES, 1)
    holds = (
        (inside + across * draw.between(-30, 30, count, TRIES, 1), wrapped),
        (torch.where(draw.chance(0.5, count, 1, 1), palm, inside), anyhow),
        (between + noise(4), anyhow),
        (between + noise(4) - pen * (half[:, None, 2:] - beyond), _frame(pen, out)),
        (between + noise(2) + plate[..., 2] * reach, plate),
        (palm + up * draw.between(0, 50, count, TRIES, 1), phone),
        (joints.mean(1)[:, None] + near, anyhow),
    )
    middles, turns = zip(*holds, strict=True)
    return torch.stack(middles), torch.stack(turns)


def _frame(axis: Tensor, side: Tensor, keep_side: bool = False) -> Tensor:
    """Turns (..., 3, 3) whose columns are x like `side` and z like `axis` (..., 3).

    Where they are not at right angles the side gives way, or with `keep_side` the axis.
    """
    axis, side = F.normalize(axis, dim=-1), F.normalize(side, dim=-1)
    third = F.normalize(torch.linalg.cross(axis, side), dim=-1)
    if keep_side:
        axis = torch.linalg.cross(side, third)
    else:
        side = torch.linalg.cross(third, axis)
    return torch.stack([side, third, axis], -1)


def _fit(joints: Tensor, middle: Tensor, turn: Tensor, things: _Things) -> Tensor:
    """How many times (M, T) the things may be as large along the axes that grow, at each try."""
    balls, radii = flesh(joints)
    place = (balls[:, None] - middle[:, :, None]) @ turn  # (M, T, P, 3) in the object's frame
    reach = _reach(place, things)
    place = (place.abs() - radii[:, None, :, None]).clamp(min=0) / things.half[:, None, None]
    place = torch.cat([place[..., :2] / reach, place[..., 2:]], -1)
    grows = things.grows[:, None, None]
    power = things.around[:, None, None]
    size = ((place * grows).clamp(max=50) ** power[..., None]).sum(-1) ** (1 / power)
    beside = ((place > 1) & ~grows).any(-1)
    return torch.where(beside, torch.inf, size).amin(2)


def _reach(place: Tensor, things: _Things) -> Tensor:
    """How far (M, T, P, 2) things reach beside (M, T, P, 3), along x and y, in half-sizes."""
    own = torch.arange(len(place), device=place.device)[:, None, None]
    inner = heights(place.device)[1:-1]
    row = torch.bucketize(place[..., 2] / things.half[:, None, None, 2], inner)
    side = (place > 0).long()
    return torch.stack([things.reach[own, row, side[..., axis], axis] for axis in (0, 1)], -1)
