"""Things that hands hold or touch: balls, boxes, bottles, pens, cards, sized to fit the fingers.

All are superquadrics on one grid, so that any mixture of them is one tensor. An object's frame
has its cross-section along x and y and its long axis along z; it is made smaller along some of
its axes until the fingers touch it and hardly go into it.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.hand import MIDDLE_MCP, WRIST
from dfmamba.synth.draw import Draw
from dfmamba.synth.pose_prior import FAMILIES, flesh, random_turns
from dfmamba.synth.raster import Hits
from dfmamba.synth.scene import Hands
from dfmamba.synth.shade import _display
from dfmamba.synth.textures import harmonics

ROWS, COLUMNS = 13, 24
TRIES = 40
"""Places that are tried for each object; the one where it fits best is kept."""
SMALLEST = 0.2
"""Where an object would have to be smaller than this share of its size there is none."""
HOLDING = {"grasp": 5.0, "pinch": 4.0, "relaxed": 1.5, "fist": 1.5}
"""How much likelier than others hands of these families have an object."""
NEAR = 0.15
"""Share of the objects that are not held but near the hand."""
WRAPPED, PALM, TIPS, PEN, PLATE, PHONE = range(6)
"""Ways to hold, in the order in which `_holds` gives them; the last there is near the hand."""


class Kind(NamedTuple):
    """A kind of object and how it is held.

    hold: how it is held. share: how often it is drawn. low, high: limits of its half-sizes, mm.
    grows: the axes along which it is made to fit. around, along: limits of the exponents of the
    cross-section and of the profile (2 round, 8 boxy). taper: how much thinner one end may be.
    neck: the share with the neck of a bottle.
    """

    hold: int
    share: float
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    grows: tuple[bool, bool, bool]
    around: tuple[float, float]
    along: tuple[float, float]
    taper: float
    neck: float


ALL, ROUND, THICK = (True, True, True), (True, True, False), (True, False, False)
KINDS = (
    Kind(WRAPPED, 0.2, (16, 16, 50), (42, 42, 130), ROUND, (2, 2), (6, 9), 0.2, 0.5),  # bottles
    Kind(WRAPPED, 0.1, (9, 9, 60), (22, 22, 200), ROUND, (2, 6), (2.5, 9), 0, 0),  # sticks
    Kind(WRAPPED, 0.08, (15, 20, 40), (35, 45, 110), ROUND, (6, 9), (7, 9), 0, 0),  # boxes
    Kind(PALM, 0.14, (18, 18, 18), (45, 45, 45), ALL, (2, 2.6), (2, 2.6), 0, 0),  # balls, fruit
    Kind(TIPS, 0.13, (6, 6, 6), (25, 25, 40), ALL, (2, 9), (2, 9), 0.2, 0),
    Kind(PEN, 0.13, (3.5, 3.5, 60), (6, 6, 85), ROUND, (2, 6), (3, 9), 0.2, 0),
    Kind(PLATE, 0.12, (1, 25, 30), (8, 60, 85), THICK, (6, 10), (6, 10), 0, 0),  # cards, books
    Kind(PHONE, 0.1, (4, 32, 62), (7, 40, 82), ROUND, (7, 10), (7, 10), 0, 0),
)


class Objects(NamedTuple):
    """M objects of V vertices each, with the triangles and texture coordinates of `grid`.

    vertices (M, V, 3): camera frame, mm; all in one point where there is none after all.
    normals (M, V, 3): unit, outwards. picture (M,): the row of the hand that has it.
    """

    vertices: Tensor
    normals: Tensor
    picture: Tensor


@dataclass(frozen=True)
class Paint:
    """How M objects look.

    colour (M, 2, 3): linear, of two bands. bands (M,): how many there are, 0 for none.
    photo (M,): the photograph printed on it. printed (M,): how much of it shows. gloss (M,).
    """

    colour: Tensor
    bands: Tensor
    photo: Tensor
    printed: Tensor
    gloss: Tensor


def grid(device: torch.device | str) -> tuple[Tensor, Tensor]:
    """Triangles (F, 3) and texture coordinates (V, 2), 0 to 1, of every object."""
    row = torch.arange(ROWS, device=device)[:, None]
    column = torch.arange(COLUMNS + 1, device=device)
    first = (row[:-1] * (COLUMNS + 1) + column[:-1]).flatten()
    below = first + COLUMNS + 1
    upper, lower = [first, first + 1, below], [first + 1, below + 1, below]
    triangles = torch.cat([torch.stack(upper, 1), torch.stack(lower, 1)])
    across, down = (column / COLUMNS).repeat(ROWS), (row / (ROWS - 1)).repeat(1, COLUMNS + 1)
    return triangles, torch.stack([across, down.flatten()], -1)


def no_objects() -> Objects:
    """None at all."""
    vertices = torch.zeros(0, ROWS * (COLUMNS + 1), 3)
    return Objects(vertices, vertices, torch.zeros(0, dtype=torch.long))


def place_objects(hands: Hands, share: float, draw: Draw) -> Objects:
    """Give `share` of the placed right hands, one at least, an object that fits their fingers."""
    count = math.ceil(share * len(hands.side))
    likely = torch.tensor([HOLDING.get(f, 1.0) for f in (*FAMILIES, "free")], device=draw.device)
    picture = likely[hands.family].multinomial(count, generator=draw.generator)
    shares = torch.tensor([k.share for k in KINDS], device=draw.device)
    kind = shares.multinomial(count, replacement=True, generator=draw.generator)

    def of_kind(name: str) -> Tensor:
        return torch.tensor([getattr(k, name) for k in KINDS], device=draw.device)[kind]

    def within(limits: Tensor) -> Tensor:
        return limits[:, 0] + (limits[:, 1] - limits[:, 0]) * draw.uniform(count)

    grows = of_kind("grows")
    half = of_kind("low") + (of_kind("high") - of_kind("low")) * draw.uniform(count, 3)
    # Most things that fit in two directions are as thick in both.
    half[:, 1] = torch.where(grows[:, 1] & draw.chance(0.6, count), half[:, 0], half[:, 1])
    around = within(of_kind("around"))
    along = within(of_kind("along"))
    taper = of_kind("taper") * draw.between(-1, 1, count)
    neck = (draw.uniform(count) < of_kind("neck")) * draw.between(0.4, 0.65, count)

    joints, own = hands.joints[picture], torch.arange(count, device=draw.device)
    middles, turns = _holds(joints, half, draw)
    near = draw.chance(NEAR, count)
    hold = torch.where(near, len(middles) - 1, of_kind("hold"))
    middle, turn = middles[hold, own], turns[hold, own]
    fit = _fit(joints, middle, turn, half, grows, around)
    # The larger the better; but what is far from all fingers is not held.
    best = (fit.clamp(max=1) - 0.1 * fit.clamp(1, 4)).argmax(1)
    middle, turn, size = middle[own, best], turn[own, best], fit[own, best].clamp(max=1)[:, None]
    half = torch.where(grows, half * size, half) * (size > SMALLEST)
    points, normals = _surface(half, around, along, taper, neck)
    return Objects(points @ turn.mT + middle[:, None], normals @ turn.mT, picture)


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


def _fit(
    joints: Tensor, middle: Tensor, turn: Tensor, half: Tensor, grows: Tensor, power: Tensor
) -> Tensor:
    """How many times (M, T) the objects may be as large along the axes that grow, at each try."""
    balls, radii = flesh(joints)
    place = (balls[:, None] - middle[:, :, None]) @ turn  # (M, T, P, 3) in the object's frame
    place = (place.abs() - radii[:, None, :, None]).clamp(min=0) / half[:, None, None]
    grows = grows[:, None, None]
    power = power[:, None, None]
    size = ((place * grows).clamp(max=50) ** power[..., None]).sum(-1) ** (1 / power)
    beside = ((place > 1) & ~grows).any(-1)
    return torch.where(beside, torch.inf, size).amin(2)


def _surface(
    half: Tensor, around: Tensor, along: Tensor, taper: Tensor, neck: Tensor
) -> tuple[Tensor, Tensor]:
    """Points and normals (M, V, 3) in the objects' frames."""
    polar = torch.linspace(-math.pi / 2, math.pi / 2, ROWS, device=half.device)[:, None]
    turn = torch.linspace(0, 2 * math.pi, COLUMNS + 1, device=half.device)
    x, y = _superellipse(turn, around[:, None, None])
    width, z = _superellipse(polar, along[:, None, None])
    power, height = around[:, None, None] - 1, along[:, None, None] - 1
    normal = [
        width.abs() ** height * x.sign() * x.abs() ** power,
        width.abs() ** height * y.sign() * y.abs() ** power,
        (z.sign() * z.abs() ** height).expand(-1, -1, COLUMNS + 1),
    ]
    normals = torch.stack(normal, -1).flatten(1, 2) / half.clamp(min=0.1)[:, None]
    # The slopes of tapers and necks are left out of the normals.
    step = ((z - 0.3) / 0.4).clamp(0, 1)
    width = width * (1 + taper[:, None, None] * z) * (1 - neck[:, None, None] * step)
    points = torch.stack([width * x, width * y, z.expand(-1, -1, COLUMNS + 1)], -1)
    return points.flatten(1, 2) * half[:, None], F.normalize(normals, dim=-1)


def _superellipse(angle: Tensor, power: Tensor) -> tuple[Tensor, Tensor]:
    """The points of |x|^power + |y|^power = 1 in these directions."""
    c, s = angle.cos(), angle.sin()
    radius = (c.abs() ** power + s.abs() ** power) ** (-1 / power)
    return radius * c, radius * s


def random_paint(draw: Draw, count: int, photos: int) -> Paint:
    """Paint of `count` objects, with any of so many photographs on some."""
    grey = draw.between(0.02, 0.9, count, 1, 1)
    colourful = torch.where(draw.chance(0.5, count, 1, 1), 0.5, 0.08)
    colour = grey + colourful * draw.between(-1, 1, count, 2, 3)
    return Paint(
        colour=colour.clamp(0.01, 0.95) ** 1.5,
        bands=draw.chance(0.4, count) * (1 + draw.index(6, count)),
        photo=draw.index(photos, count),
        printed=draw.chance(0.35, count) * draw.between(0.4, 1, count),
        gloss=0.5 * draw.uniform(count) ** 2,
    )


def object_colours(
    hits: Hits,
    objects: Objects,
    paint: Paint,
    photos: Tensor,
    light: Tensor,
    lamp: Tensor,
    lamp_colour: Tensor,
) -> Tensor:
    """Colours (N, 3), 0 to 1 and display-ready, of what the rasteriser found of M objects.

    photos (P, 3, h, w): uint8. light (M, 9, 3), lamp (M, 3) and lamp_colour (M, 3) as in `Looks`.
    """
    mesh, weights = hits.mesh, hits.weights[..., None]
    triangles, uv = grid(mesh.device)
    corner = triangles[hits.triangle]
    values = torch.cat([objects.normals, objects.vertices], -1)[mesh[:, None], corner]
    values = (values * weights).sum(1)
    normal, eye = F.normalize(values[:, :3], dim=-1), -F.normalize(values[:, 3:], dim=-1)
    albedo = _albedo((uv[corner] * weights).sum(1), mesh, paint, photos)
    lamp = lamp[mesh]
    diffuse = (normal * lamp).sum(-1, keepdim=True).clamp(min=0)
    room = (harmonics(normal)[..., None] * light[mesh]).sum(1).clamp(min=0.03)
    shine = (normal * F.normalize(lamp + eye, dim=-1)).sum(-1, keepdim=True).clamp(min=0) ** 40
    rim = (1 - (normal * eye).sum(-1, keepdim=True).abs().clamp(max=1)) ** 3
    gloss = paint.gloss[mesh, None]
    lit = albedo * (room + diffuse * lamp_colour[mesh])
    return _display(lit + gloss * (shine * lamp_colour[mesh] + 0.4 * rim * room))


def _albedo(uv: Tensor, mesh: Tensor, paint: Paint, photos: Tensor) -> Tensor:
    """Linear colours (N, 3) at places (N, 2) of objects (N,): bands, or a photograph."""
    band = (uv[:, 1] * (2 * paint.bands[mesh] + 1)).long() % 2
    height, width = photos.shape[2:]
    x, y = (uv[:, 0] * (width - 1)).long(), (uv[:, 1] * (height - 1)).long()
    photo = (photos[paint.photo[mesh], :, y, x].float() / 255) ** 2.2
    return torch.lerp(paint.colour[mesh, band], photo, paint.printed[mesh, None])
