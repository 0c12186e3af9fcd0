"""Who is in made scenes: people before the camera, its wearer's own arms, arms from anywhere.

Hands hang on arms and arms on bodies, so that they are where people hold them: before the chest, at
the face, on a table, far away, at each other.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.finder.scenes import bodies
from dfmamba.finder.scenes.bodies import Parts, Wardrobe
from dfmamba.hand import INDEX_MCP, LITTLE_MCP, PALM, WRIST
from dfmamba.synth.draw import Draw
from dfmamba.synth.rotations import random_turns
from dfmamba.synth.scene import Hands, View

SLOTS = (0.9, 0.35, 0.15)
"""Shares of the scenes with a first person, a second one, a third one."""
FACING, OWN, ANY = range(3)
"""People seen from the front; the camera's wearer; arms that come from anywhere."""
KINDS = ((0.6, 0.2, 0.2), (0.85, 0.0, 0.15), (0.85, 0.0, 0.15))
"""For each slot, the shares of the kinds."""
TWO = 0.65
"""Share of the people of whom both hands are in the scene."""
TOGETHER = 0.4
"""Share of the pairs of hands that touch, clasp or cross."""
MIRRORED = 0.65
"""Share of those that hold each other, as each other's mirror image; the others cross."""
NEAREST_MM = 150.0
"""No hand is nearer to the camera."""
WIDTHS = 1.25
"""How much wider than a frame the scenes are drawn."""


class People(NamedTuple):
    """P people: scene (P,), kind (P,), two (P,): whether both hands show, yaw (P,), size (P,)."""

    scene: Tensor
    kind: Tensor
    two: Tensor
    yaw: Tensor
    size: Tensor


class Arms(NamedTuple):
    """M arms before they are moved with their people, mm: shoulder, wrist and forearm's way (M, 3).

    person, side (M,): whose it is; 1 for right, -1 for left.
    """

    shoulder: Tensor
    wrist: Tensor
    way: Tensor
    person: Tensor
    side: Tensor


def people(draw: Draw, count: int) -> People:
    """The people of `count` scenes; at least one in all."""
    scenes, kinds = [], []
    for share, each in zip(SLOTS, KINDS, strict=True):
        rows = draw.rows(share, count)
        scenes.append(rows)
        shares = torch.tensor(each, device=draw.device)
        kinds.append(shares.multinomial(len(rows), replacement=True, generator=draw.generator))
    scene, kind = torch.cat(scenes), torch.cat(kinds)
    many = len(scene)
    return People(
        scene=scene,
        kind=kind,
        two=draw.chance(TWO, many),
        yaw=0.35 * draw.normal(many),
        size=draw.between(0.85, 1.1, many),
    )


def arms(draw: Draw, every: People) -> Arms:
    """Where people hold their arms; first one of each person, then the second ones."""
    second = every.two.nonzero()[:, 0]
    many = len(every.scene)
    person = torch.cat([torch.arange(many, device=draw.device), second])
    first = torch.where(draw.chance(0.5, many), 1.0, -1.0)
    side = torch.cat([first, -first[second]])
    count, own = len(person), every.kind[person] == OWN
    # Before the camera a right arm is on the left of the picture, the wearer's on the right.
    x = torch.where(own, side, -side)
    shoulder = torch.where(
        own[:, None], draw.normal(count, 3).new_tensor([0.0, 230, -60]), torch.zeros(3).to(x.device)
    )
    shoulder = shoulder + F.pad(bodies.SHOULDER * x[:, None], (0, 2))

    def way(facing: tuple[float, ...], wearer: tuple[float, ...], spread: float) -> Tensor:
        mean = torch.where(own[:, None], x.new_tensor(wearer), x.new_tensor(facing))
        mean = torch.cat([mean[:, :1] * x[:, None], mean[:, 1:]], 1)
        return F.normalize(mean + spread * draw.normal(count, 3), dim=-1)

    upper = way((0.3, 0.75, -0.35), (0.25, 0.6, 0.75), 0.32)
    fore = way((-0.2, -0.45, -0.8), (-0.45, -0.1, 0.8), 0.42)
    size = every.size[person][:, None]
    turn = bodies.yaw_turn(torch.where(own, 0.0, every.yaw[person]))
    wrist = shoulder + upper * bodies.UPPER_ARM + fore * bodies.FOREARM

    def turned(points: Tensor) -> Tensor:
        return (turn @ points[..., None])[..., 0]

    return Arms(turned(shoulder) * size, turned(wrist) * size, turned(fore), person, side)


def ends(hands: Hands, far: Tensor) -> Tensor:
    """Where the forearms (M, 3) of hands end; far: the vertices there."""
    return hands.vertices[:, far].mean(1)


def reaching(hands: Hands, held: Arms, every: People, far: Tensor, draw: Draw) -> Hands:
    """Hands (M) with wrists at the origin, turned and moved to the ends of their arms.

    Those of arms from anywhere keep the turn that they have.
    """
    along = F.normalize(hands.joints[:, WRIST] - ends(hands, far), dim=-1)
    across = hands.joints[:, INDEX_MCP] - hands.joints[:, LITTLE_MCP]
    own = _axes(along, across)
    roll = draw.between(-math.pi, math.pi, len(along), 1)
    other = torch.linalg.cross(held.way, held.way.roll(1, -1) + 0.1)
    other = F.normalize(other, dim=-1)
    third = torch.linalg.cross(held.way, other)
    wanted = _axes(held.way, roll.cos() * other + roll.sin() * third)
    turn = wanted @ own.mT
    free = (every.kind[held.person] == ANY)[:, None, None]
    turn = torch.where(free, torch.eye(3, device=turn.device), turn)
    turned = hands._replace(vertices=hands.vertices @ turn.mT, joints=hands.joints @ turn.mT)
    return turned.moved(held.wrist)


def _axes(along: Tensor, across: Tensor) -> Tensor:
    """Frames (M, 3, 3) whose columns are x about `across` and y along (M, 3), unit."""
    x = F.normalize(across - (across * along).sum(-1, keepdim=True) * along, dim=-1)
    return torch.stack([x, along, torch.linalg.cross(x, along)], -1)


def together(hands: Hands, held: Arms, every: People, draw: Draw) -> Hands:
    """Some second hands brought to the first ones: clasped, praying, touching, crossing."""
    first = len(every.scene)
    seconds = held.person[first:]
    rows = draw.rows(TOGETHER, len(seconds))
    one, two = seconds[rows], first + rows
    mine, other = hands.rows(one), hands.rows(two)
    count = len(rows)
    palm = mine.joints[:, list(PALM)].mean(1)
    normal = draw.normal(count, 3) * draw.normal(count, 3).new_tensor([0.3, 0.35, 0.35])
    normal[:, 0] += torch.where(draw.chance(0.5, count), 1.0, -1.0)
    normal = F.normalize(normal, dim=-1)
    # Clasped: the other hand is the first one's mirror image, turned a little.
    plane = palm + normal * draw.between(6, 70, count, 1)

    def reflected(points: Tensor) -> Tensor:
        height = ((points - plane[:, None]) * normal[:, None]).sum(-1, keepdim=True)
        return points - 2 * height * normal[:, None]

    turn = small_turns(draw, count, 22.0)
    centre = reflected(palm[:, None])

    def clasped(points: Tensor) -> Tensor:
        return (reflected(points) - centre) @ turn.mT + centre

    # Crossing: as it is, but beside or before the first one.
    way = F.normalize(draw.normal(count, 3), dim=-1) * draw.between(40, 130, count, 1)
    shift = palm + way - other.joints[:, list(PALM)].mean(1)
    mirror = draw.chance(MIRRORED, count)[:, None, None]
    crossed = other.moved(shift)
    vertices, joints = hands.vertices.clone(), hands.joints.clone()
    vertices[two] = torch.where(mirror, clasped(mine.vertices), crossed.vertices)
    joints[two] = torch.where(mirror, clasped(mine.joints), crossed.joints)
    return hands._replace(vertices=vertices, joints=joints)


def small_turns(draw: Draw, count: int, degrees: float) -> Tensor:
    """Rotations (count, 3, 3) about any axis by some `degrees`, a standard deviation."""
    axis = F.normalize(draw.normal(count, 3), dim=-1)
    angle = (degrees * draw.normal(count)).deg2rad()[:, None, None]
    x, y, z = axis.unbind(-1)
    zero = torch.zeros_like(x)
    rows = (zero, -z, y), (z, zero, -x), (-y, x, zero)
    cross = torch.stack([torch.stack(row, -1) for row in rows], -2)
    eye = torch.eye(3, device=draw.device)
    return eye + angle.sin() * cross + (1 - angle.cos()) * cross @ cross


def placed(hands: Hands, held: Arms, every: People, view: View, draw: Draw) -> tuple[Hands, Tensor]:
    """People moved so that their hands are in the frame, most of them; also each one's move (P, 3).

    view: of the scenes.
    """
    many = len(every.scene)
    palms = hands.joints[:, list(PALM)].mean(1)
    total = torch.zeros(many, 4, device=palms.device)
    total.index_add_(0, held.person, F.pad(palms, (0, 1), value=1.0))
    middle = total[:, :3] / total[:, 3:]
    middle = torch.where((draw.chance(0.2, many) & (every.kind == FACING))[:, None], 0.0, middle)

    def log_between(low: float, high: float) -> Tensor:
        return draw.between(math.log(low), math.log(high), many).exp()

    facing = torch.where(draw.chance(0.7, many), log_between(300, 1000), log_between(900, 3600))
    depth = torch.where(every.kind == FACING, facing, log_between(220, 1300))
    depth = torch.where(every.kind == OWN, middle[:, 2] * draw.between(0.75, 1.3, many), depth)
    edge = 2 * view.centre[every.scene]
    beyond = torch.where(draw.chance(0.15, many, 1), 1.15, 0.75) / WIDTHS
    target = edge * (0.5 + beyond * draw.between(-0.5, 0.5, many, 2))
    slopes = (target - view.centre[every.scene]) / view.focal[every.scene][:, None]
    move = torch.cat([slopes, torch.ones_like(depth)[:, None]], 1) * depth[:, None] - middle
    nearest = torch.full((many,), torch.inf, device=depth.device)
    nearest.scatter_reduce_(0, held.person, hands.vertices[..., 2].amin(1), "amin")
    move[:, 2] += (NEAREST_MM - nearest - move[:, 2]).clamp(min=0)
    return hands.moved(move[held.person]), move


def wardrobes(draw: Draw, skin: Tensor, cloth: Tensor) -> Wardrobe:
    """What people wear whose skin and sleeves have linear colours (P, 3)."""
    count = len(skin)
    hair = draw.between(0.01, 0.25, count, 1) * skin.new_tensor([1.0, 0.75, 0.55])
    trousers = draw.between(0.02, 0.5, count, 1) + 0.06 * draw.normal(count, 3)
    face = draw.index(bodies.FACES, count)
    return Wardrobe(skin, cloth, hair, trousers.clamp(0.01, 0.9), face)


def body_parts(
    hands: Hands, held: Arms, every: People, move: Tensor, far: Tensor, wear: Wardrobe, draw: Draw
) -> Parts:
    """The bodies of all people, and their arms above the forearms of hands."""
    facing = ((every.kind == FACING) & draw.chance(0.92, len(move))).nonzero()[:, 0]
    own = Wardrobe(*(part[facing] for part in wear))
    trunks = bodies.upright(
        move[facing], every.yaw[facing], every.size[facing], own, every.scene[facing]
    )
    elbow, kind = ends(hands, far), every.kind[held.person]
    shoulder = held.shoulder + move[held.person]
    # Arms whose body is not to be seen go on beyond the elbow, out of the picture for the most.
    on = F.normalize(elbow - hands.joints[:, WRIST], dim=-1) + 0.35 * draw.normal(len(elbow), 3)
    shoulder = torch.where((kind == FACING)[:, None], shoulder, elbow + 420 * on)
    bare = draw.chance(0.2, len(elbow), 1)
    colour = torch.where(bare, wear.skin[held.person], wear.cloth[held.person])
    radius = draw.between(38, 52, len(elbow))
    upper = bodies.limbs(shoulder, elbow, radius, colour, every.scene[held.person])
    return bodies.joined([trunks, upper])


def distractors(draw: Draw, count: int, view: View, skins: Tensor) -> Parts:
    """What looks a little like hands in `count` scenes: soles, paws, limbs without hands, dolls.

    skins (T, 3): linear colours.
    """
    parts = []
    for share, kind in ((0.1, "sole"), (0.1, "limb"), (0.08, "doll")):
        scene = draw.rows(share, count)
        many = len(scene)
        depth = draw.between(math.log(500), math.log(2500), many).exp()
        place = view.centre[scene] * 2 * draw.uniform(many, 2) - view.centre[scene]
        place = torch.cat([place / view.focal[scene][:, None], torch.ones_like(place[:, :1])], 1)
        place = place * depth[:, None]
        skin = skins[draw.index(len(skins), many)]
        if kind == "sole":
            paw = draw.chance(0.4, many)
            size = torch.where(paw, draw.between(0.25, 0.6, many), draw.between(0.8, 1.1, many))
            colour = torch.where(paw[:, None], draw.uniform(many, 1) * skin, skin)
            turn = random_turns(many, draw.generator, draw.device)
            parts.append(bodies.soles(place, turn, size, colour, scene))
        elif kind == "limb":
            end = place + F.normalize(draw.normal(many, 3), dim=-1) * draw.between(80, 400, many, 1)
            parts.append(bodies.limbs(place, end, draw.between(25, 75, many), skin, scene))
        else:
            wear = wardrobes(draw, skin, draw.uniform(many, 3) ** 1.5)
            size = draw.between(0.1, 0.3, many)
            parts.append(bodies.upright(place, 0.6 * draw.normal(many), size, wear, scene))
            for way in (-1.0, 1.0):
                shoulder = place + size[:, None] * place.new_tensor([way * 170, 20, 0])
                reach = draw.normal(many, 3) * 0.5 + place.new_tensor([way, 0.6, -0.3])
                end = shoulder + size[:, None] * 420 * F.normalize(reach, dim=-1)
                parts.append(bodies.limbs(shoulder, end, 45 * size, skin, scene))
    return bodies.joined(parts)
