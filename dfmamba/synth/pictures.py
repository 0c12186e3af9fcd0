"""Training pictures without end: posed, lit, rasterised and degraded hands with exact labels."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.errors import UserError
from dfmamba.synth.camera.crop_jitter import CropJitter, random_window
from dfmamba.synth.camera.sensor import sense, smeared
from dfmamba.synth.draw import Draw
from dfmamba.synth.hand.hand_model import HandArrays, HandModel, baked_hand
from dfmamba.synth.hand.key_poses import key_angles
from dfmamba.synth.hand.poser import Poser
from dfmamba.synth.hand.rig import IDENTITY_SPREAD
from dfmamba.synth.mesh import vertex_normals
from dfmamba.synth.raster.shadow import Caster, ShadowMaps, shadow_maps
from dfmamba.synth.raster.visible import uncovered, visible_joints
from dfmamba.synth.raster.zbuffer import rasterise
from dfmamba.synth.resize import resized
from dfmamba.synth.scene import Hands, View, beside, frame, place, pose_hands
from dfmamba.synth.surface.backdrop import backgrounds, occluders
from dfmamba.synth.surface.looks import Looks, random_looks, some_tones
from dfmamba.synth.surface.paint import object_colours, random_paint
from dfmamba.synth.surface.shade import shade
from dfmamba.synth.surface.skins import Surface
from dfmamba.synth.surface.textures import Textures, atlas_uv, cloud
from dfmamba.synth.things.objects import Objects, place_objects
from dfmamba.synth.things.shapes import BAKED_SHAPES, Shapes, grid

IDENTITIES = 4096
IDENTITIES_SEED = 20
HELD_OUT_EVERY = 8
HAND_SHARES = {"baked": 0.72, "hand": 0.12, "nails": 0.08, "glove": 0.05, "generic": 0.03}
"""How many of the pictures show which hand, where the data has it.

The generic one has its knuckles elsewhere: a little of it is variety, more is contradiction.
"""
TONES = 24
"""Skin colours of what is not the hand."""
FINE = 2
"""Edge of the canvases that hands are drawn on, over that of the pictures."""
MARGIN = 1.6
"""How much wider than a crop the hands are drawn, so that the crop can be turned and moved."""
HAND_MOVES = 0.2
"""Share of the pictures in which the hand moves before what is behind it."""
SHADOW_MM = 170.0
"""How far from the hand's middle shadows are cast."""


@dataclass(frozen=True)
class SynthConfig:
    """What to draw."""

    size: int = 128
    """Edge of the pictures, px, a multiple of 16."""
    second_hands: float = 0.3
    """Share of the drawn hands with another one beside."""
    objects: float = 0.3
    """Share of the drawn hands with an object."""
    absent: float = 0.0
    """Share of the pictures without a hand."""
    showings: int = 1
    """Pictures made of each drawn hand, each with another crop, background and camera."""
    crop: CropJitter = field(default_factory=CropJitter)
    """How crops differ from the one around the joints."""
    held_out: bool = False
    """Only identities, skins, backgrounds, key poses and shapes that training never draws."""
    hand: Path | None = None
    """The baked file (None: the cache's); real things' shapes are looked for beside it."""

    def __post_init__(self) -> None:
        """Refuse sizes that cannot be drawn."""
        if self.size < 16 or self.size % 16:
            raise UserError(f"pictures are made 16, 32, ... pixels large, not {self.size}")


class TrainingBatch(NamedTuple):
    """B pictures of right hands of S x S pixels, and their labels."""

    images: Tensor
    """(B, 3, S, S): RGB, 0 to 1."""
    joints_px: Tensor
    """(B, 21, 2): crop pixels."""
    joints_mm: Tensor
    """(B, 21, 3): mm, in the axes of a camera that faces the crop (`Crop.facing`)."""
    visible: Tensor
    """(B, 21): inside the crop and hidden by nothing."""
    present: Tensor
    """(B,): whether there is a hand; where not, the joints mean nothing."""
    family: Tensor
    """(B,): of the pose, as in `Hands`."""
    tone: Tensor
    """(B,): the skin's mean lightness L* before any light falls on it, 0 for 24 (very dark) to 1
    for 76 (very light).
    """


class _Drawn(NamedTuple):
    """H drawn hands: canvas (H, 4, E, E), premultiplied colour and alpha, and what it shows.

    focal (H,) and centre (H, 2): the canvases' `View`.
    """

    canvas: Tensor
    focal: Tensor
    centre: Tensor
    joints_px: Tensor
    joints_mm: Tensor
    visible: Tensor
    family: Tensor
    tone: Tensor


@dataclass(frozen=True)
class HandKit:
    """One hand model and all that is needed to draw it."""

    arrays: HandArrays
    """The skinned mesh."""
    model: HandModel
    """Poses it."""
    poser: Poser
    """Turns angles into rotations of its bones."""
    surface: Surface
    """Its skin."""
    skin_choice: Tensor
    """Indices of the skins that may be drawn."""
    share: float
    """How many of the pictures show this hand, before all shares are made to sum to 1."""
    bare: bool
    """Whether the skins are skin, and not gloves."""


class TrainingPictures:
    """Draws batches on `device`; a seed repeats its pictures there, on a GPU up to rounding."""

    def __init__(
        self,
        config: SynthConfig,
        data: Path | str | None = None,
        device: torch.device | str = "cpu",
        seed: int = 0,
    ) -> None:
        """Load what is drawn from; data: a folder with skins/ and bg/, a pack, or None."""
        self.config = config
        self.draw = Draw(seed, device)
        arrays = HandArrays.load(config.hand)
        textures = Textures.load(None if data is None else Path(data), arrays, device)
        self.keys = key_angles(held_out=config.held_out).to(device)
        generator = torch.Generator().manual_seed(IDENTITIES_SEED)
        people = torch.randn(IDENTITIES, len(arrays.shape_heads), generator=generator)
        self.people = self._share(IDENTITY_SPREAD * people.clamp(-2.5, 2.5)).to(device)
        uv = atlas_uv(arrays)[0].to(device)
        self.kits = [self._kit("baked", arrays.to(device), uv, textures.skins)]
        for name, hand in textures.hands.items():
            uv = torch.stack([hand.arrays.uv[..., 0], 1 - hand.arrays.uv[..., 1]], -1)
            self.kits.append(self._kit(name, hand.arrays, uv, hand.skins))
        self.tones = some_tones(TONES).to(device)
        self.photos = self._share(textures.backgrounds)
        self.light = textures.light
        self.shapes = self._real_shapes()

    def _kit(self, name: str, arrays: HandArrays, uv: Tensor, skins: Tensor) -> HandKit:
        return HandKit(
            arrays=arrays,
            model=HandModel(arrays),
            poser=Poser(arrays.frames),
            surface=Surface.of(arrays, uv, skins),
            skin_choice=self._share(torch.arange(len(skins)), every=4).to(uv.device),
            share=HAND_SHARES[name],
            bare=name != "glove",
        )

    def _real_shapes(self) -> Shapes | None:
        hand = self.config.hand or baked_hand()
        shapes = Shapes.load(hand.with_name(BAKED_SHAPES))
        if shapes is None:
            return None
        return shapes.rows(self._share(torch.arange(len(shapes.half)))).to(self.draw.device)

    def _share(self, rows: Tensor, every: int = HELD_OUT_EVERY) -> Tensor:
        """What is drawn from: all but each so-many-th, or those alone."""
        held = torch.arange(len(rows), device=rows.device) % every == 1
        kept = rows[held == self.config.held_out]
        if not len(kept):
            raise UserError(
                "there are too few skins, backgrounds or shapes to keep some from training; "
                "give a larger data folder"
            )
        return kept

    @torch.no_grad()
    def batch(self, count: int) -> TrainingBatch:
        """`count` fresh pictures with their labels."""
        hands = -(-count // self.config.showings)
        parts = [self._drawn(kit, part) for kit, part in self._split(hands)]
        drawn = _Drawn(*(torch.cat(column) for column in zip(*parts, strict=True)))
        rows = torch.arange(count, device=self.draw.device) % hands
        return self._shown(_Drawn(*(part[rows] for part in drawn)))

    def _shown(self, drawn: _Drawn) -> TrainingBatch:
        """A picture of each drawn hand: a crop, what is behind and before it, and a camera."""
        draw, size, (count, _, edge, _) = self.draw, self.config.size, drawn.canvas.shape
        window = random_window(draw, count, MARGIN, self.config.crop)
        present = ~draw.chance(self.config.absent, count)
        layer = F.avg_pool2d(window.cut(drawn.canvas, FINE * size), FINE)
        layer = smeared(layer, HAND_MOVES, draw) * present[:, None, None, None]
        noise = cloud(count, 3, size, draw.generator)
        behind = backgrounds(draw, noise, self.photos, self.tones)
        front, cover = occluders(draw, noise, self.tones)
        images = torch.lerp(behind * (1 - layer[:, 3:]) + layer[:, :3], front, cover)
        joints_px = window.place(drawn.joints_px, edge, size)
        return TrainingBatch(
            images=sense(images, draw),
            joints_px=joints_px,
            joints_mm=window.seen(drawn.joints_mm, View(drawn.focal, drawn.centre), edge),
            visible=drawn.visible & uncovered(joints_px, cover) & present[:, None],
            present=present,
            family=drawn.family,
            tone=drawn.tone,
        )

    def _split(self, count: int) -> list[tuple[HandKit, int]]:
        """How many of the pictures each kit draws."""
        total, parts, before, given = sum(kit.share for kit in self.kits), [], 0.0, 0
        for kit in self.kits:
            before += kit.share / total
            upto = round(before * count)
            if upto > given:
                parts.append((kit, upto - given))
            given = upto
        return parts

    def _drawn(self, kit: HandKit, count: int) -> _Drawn:
        hands, view, picture = self._hands(kit, count)
        looks = self._looks(kit, picture)
        own_hands, share = hands.rows(slice(count)), self.config.objects
        objects = place_objects(own_hands, share, self.draw, self.shapes)
        canvas, own = self.render(kit, hands, view, picture, looks, objects)
        joints_mm = hands.joints[:count]
        joints_px = view.project(joints_mm)
        visible = visible_joints(joints_mm, joints_px, own)
        family, tone = hands.family[:count], looks.tone[:count]
        return _Drawn(canvas, *view, joints_px, joints_mm, visible, family, tone)

    def _hands(self, kit: HandKit, count: int) -> tuple[Hands, View, Tensor]:
        """`count` right hands, then the second hands; the views; the picture of each hand."""
        draw, extra = self.draw, int(self.config.second_hands * count)
        shape = self.people[draw.index(len(self.people), count + extra)]
        side = torch.ones(count + extra, device=draw.device)
        side[count:] = torch.where(draw.chance(0.7, extra), -1.0, 1.0)
        every = pose_hands(kit.model, kit.poser, draw, shape, self.keys, side)
        first, focal = place(every.rows(slice(count)), draw)
        view = frame(first.joints, focal, MARGIN, FINE * self.config.size)
        hosts = torch.randperm(count, generator=draw.generator, device=draw.device)[:extra]
        second = beside(first.rows(hosts), every.rows(slice(count, None)), draw)
        both = Hands(*(torch.cat(pair) for pair in zip(first, second, strict=True)))
        return both, view, torch.cat([torch.arange(count, device=draw.device), hosts])

    def _looks(self, kit: HandKit, picture: Tensor) -> Looks:
        """A look per hand; second hands belong to the first one's person or to another.

        All hands of a picture are in one light.
        """
        count = len(picture)
        looks = random_looks(
            self.draw, count, kit.surface.means, kit.skin_choice, self.light, kit.bare
        )
        own = torch.arange(count, device=picture.device)
        person = torch.where(self.draw.chance(0.7, count), picture, own)
        lit = looks.rows(picture)
        return replace(
            looks.rows(person), light=lit.light, lamp=lit.lamp, lamp_colour=lit.lamp_colour
        )

    def render(
        self,
        kit: HandKit,
        hands: Hands,
        view: View,
        picture: Tensor,
        looks: Looks,
        objects: Objects,
    ) -> tuple[Tensor, Tensor]:
        """Draw M hands of one kit, and what they hold, on canvases of E x E pixels.

        view: of the B canvases. picture (M,): the canvas of each hand; hand i < B is canvas i's
        own. Returns the canvases (B, 4, E, E), premultiplied colour and alpha, and the depth
        (B, E, E), mm, of each one's own hand where it is seen, inf elsewhere.
        """
        count, edge, triangles = len(view.focal), FINE * self.config.size, kit.arrays.triangles
        points = view.rows(picture).project(hands.vertices)
        hits = rasterise(points, hands.vertices[..., 2], picture, triangles, count, edge)
        normals = vertex_normals(hands.vertices, triangles) * hands.side[:, None, None]
        attributes = torch.cat([normals, hands.vertices], -1)
        shadows = self._shadows(kit, hands, objects, picture, looks.lamp[:count])
        colours = shade(hits, looks, attributes, kit.surface, shadows, picture)
        depth = torch.full((count * edge * edge,), torch.inf, device=points.device)
        own = depth.clone()
        depth[hits.pixel] = hits.depth
        own[hits.pixel] = torch.where(hits.mesh < count, hits.depth, torch.inf)
        colours = colours * _creases(depth.view(count, edge, edge), hits.pixel)[:, None]
        canvas = torch.zeros(len(depth), 4, device=points.device)
        canvas[hits.pixel] = F.pad(colours, (0, 1), value=1.0)
        self._put_objects(canvas, own, depth, objects, view, looks)
        canvas = canvas.view(count, edge, edge, 4).permute(0, 3, 1, 2)
        return canvas, own.view(count, edge, edge)

    def _put_objects(
        self,
        canvas: Tensor,
        own: Tensor,
        depth: Tensor,
        objects: Objects,
        view: View,
        looks: Looks,
    ) -> None:
        """Draw objects on flat canvases where they are nearer; the own hand's depth ends there."""
        count, picture = len(view.focal), objects.picture
        points, triangles = view.rows(picture).project(objects.vertices), grid(canvas.device)[0]
        edge = FINE * self.config.size
        hits = rasterise(points, objects.vertices[..., 2], picture, triangles, count, edge)
        paint = random_paint(self.draw, len(picture), len(self.photos))
        light = (part[picture] for part in (looks.light, looks.lamp, looks.lamp_colour))
        colours = object_colours(hits, objects, paint, self.photos, *light)
        nearer = hits.depth < depth[hits.pixel]
        canvas[hits.pixel] = torch.where(
            nearer[:, None], F.pad(colours, (0, 1), value=1.0), canvas[hits.pixel]
        )
        own[hits.pixel] = torch.where(nearer, torch.inf, own[hits.pixel])

    @staticmethod
    def _shadows(
        kit: HandKit, hands: Hands, objects: Objects, picture: Tensor, lamp: Tensor
    ) -> ShadowMaps:
        casters = (
            Caster(hands.vertices, picture, kit.arrays.triangles),
            Caster(objects.vertices, objects.picture, grid(lamp.device)[0]),
        )
        middle = hands.joints[: len(lamp)].mean(1)
        return shadow_maps(casters, lamp, middle, torch.full_like(middle[:, 0], SHADOW_MM))


def _creases(depth: Tensor, pixel: Tensor) -> Tensor:
    """Factors (N,) that darken what lies behind its neighbourhood, where light hardly gets."""
    size = depth.shape[-1]
    solid = depth.isfinite()
    both = torch.stack([torch.where(solid, depth, 0.0), solid.float()], 1)
    coarse = F.avg_pool2d(F.avg_pool2d(both, 4), 5, 1, 2, count_include_pad=False)
    around = coarse[:, :1] / coarse[:, 1:].clamp(min=1e-3)
    around = resized(around, size).flatten()
    return 1 - ((depth.flatten()[pixel] - around[pixel]) / 25).clamp(0, 1) * 0.45
