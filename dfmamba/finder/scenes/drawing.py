"""Frames without end for the finder: whole scenes of people, their hands, and what looks like them.

Hands, looks, things and the camera are those of the crops that the hand network learns from
(`dfmamba/synth`); composed here are scenes of up to six hands, drawn in batches on one device.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.finder.frames import MOST_HANDS, Frames, hands_of
from dfmamba.finder.scenes import bodies, cast
from dfmamba.finder.scenes.cast import WIDTHS, People
from dfmamba.finder.scenes.light import lit_oddly
from dfmamba.finder.scenes.windows import bars, windows
from dfmamba.synth.camera.sensor import sense, smeared
from dfmamba.synth.draw import Draw
from dfmamba.synth.hand.contact import flesh
from dfmamba.synth.mesh import vertex_normals
from dfmamba.synth.pictures import HandKit, SynthConfig, TrainingPictures
from dfmamba.synth.raster.shadow import Caster, shadow_maps
from dfmamba.synth.raster.visible import uncovered
from dfmamba.synth.raster.zbuffer import Hits, rasterise
from dfmamba.synth.scene import Hands, View, pose_hands
from dfmamba.synth.surface.backdrop import backgrounds, occluders
from dfmamba.synth.surface.looks import (
    DARKEST,
    LIGHTEST,
    NOWHERE,
    Looks,
    random_looks,
    tone_colours,
)
from dfmamba.synth.surface.paint import Paint, object_colours, random_paint
from dfmamba.synth.surface.shade import shade
from dfmamba.synth.surface.textures import cloud
from dfmamba.synth.things.objects import Objects, no_objects, place_objects
from dfmamba.synth.things.shapes import grid

FINE = 2
"""Edge of the canvases over that of the frames."""
HELD = 0.22
"""Share of the hands that hold something."""
GLOVED = 0.12
"""Share of the people in gloves, of any colour."""
HAND_MOVES = 0.12
"""Share of the frames in which people move before what is behind them."""
CROP = 0.35
"""How wide the crop of a common hand is in a frame, in widths of the frame."""
SHADOW_MM = 260.0
LEAST_SEEN = 0.2
"""A hand of which less is to be seen is no hand to be found, and no empty place."""
LEAST_SIDE = 12.0
"""As is one whose box is not so long, px."""


@dataclass(frozen=True)
class SceneConfig:
    """What to draw."""

    size: int = 320
    """Edge of the frames, px, a multiple of 32."""
    showings: int = 2
    """Frames made of each drawn scene, each through another window, with another background."""
    held_out: bool = False
    """Only identities, skins, backgrounds, poses and things that training never draws."""
    hand: Path | None = None
    """The baked hand; None: the one in the user's cache."""


@dataclass(frozen=True)
class _Drawn:
    """C scenes on canvases of E x E pixels.

    canvas (C, 4, E, E): premultiplied colour and alpha. joints (C, K, 21, 2) and flesh
    (C, K, P, 2), canvas pixels; seen (C, K, P): which of the flesh nothing hides. right, there
    (C, K).
    """

    canvas: Tensor
    joints: Tensor
    flesh: Tensor
    seen: Tensor
    right: Tensor
    there: Tensor


class Scenes:
    """Draws frames on `device`; a seed repeats them there, on a GPU up to rounding."""

    def __init__(
        self,
        config: SceneConfig,
        data: Path | str | None = None,
        device: torch.device | str = "cpu",
        seed: int = 0,
    ) -> None:
        """Load what is drawn from; data: a folder with skins/ and bg/, a pack, or None."""
        self.config = config
        synth = SynthConfig(size=config.size, held_out=config.held_out, hand=config.hand)
        self.made = TrainingPictures(synth, data, device, seed)
        self.draw: Draw = self.made.draw
        photos = self.made.photos
        faces = bodies.painted_faces(self.made.tones, seed=7 + config.held_out).to(photos.device)
        self.prints = torch.cat([photos, faces])
        self.first_face = len(photos)

    @torch.no_grad()
    def batch(self, count: int) -> Frames:
        """`count` fresh frames with their hands."""
        scenes = -(-count // self.config.showings)
        parts = [self._drawn(kit, many) for kit, many in self._split(scenes)]
        names = _Drawn.__dataclass_fields__
        drawn = {name: torch.cat([getattr(part, name) for part in parts]) for name in names}
        rows = torch.arange(count, device=self.draw.device) % scenes
        return self._shown(_Drawn(**{name: part[rows] for name, part in drawn.items()}))

    def behind(self, count: int) -> Tensor:
        """What may be behind hands: `count` frames (B, 3, S, S) without any."""
        noise = cloud(count, 3, self.config.size, self.draw.generator)
        return backgrounds(self.draw, noise, self.made.photos, self.made.tones)

    def _split(self, count: int) -> list[tuple[HandKit, int]]:
        """How many of the scenes each kit draws, one at least of each while there are enough."""
        kits = self.made.kits
        shares = torch.tensor([kit.share for kit in kits])
        upto = (shares.cumsum(0) / shares.sum() * count).round().long()
        many = torch.diff(upto, prepend=torch.zeros(1, dtype=torch.long)).tolist()
        return [(kit, each) for kit, each in zip(kits, many, strict=True) if each]

    def _drawn(self, kit: HandKit, count: int) -> _Drawn:
        draw, edge = self.draw, FINE * self.config.size
        field = draw.between(40, 95, count).deg2rad()
        focal = edge / (2 * WIDTHS * torch.tan(field / 2))
        view = View(focal, torch.full((count, 2), edge / 2, device=draw.device))
        every = cast.people(draw, count)
        held = cast.arms(draw, every)
        shape = self.made.people[draw.index(len(self.made.people), len(every.scene))]
        far = kit.arrays.vertices[:, 1].topk(24).indices
        hands = pose_hands(
            kit.model, kit.poser, draw, shape[held.person], self.made.keys, held.side
        )
        hands = cast.reaching(hands, held, every, far, draw)
        hands = cast.together(hands, held, every, draw)
        hands, move = cast.placed(hands, held, every, view, draw)
        looks = self._looks(kit, every, count)
        own = looks.rows(held.person)
        wear = cast.wardrobes(draw, _skin(looks), looks.cloth[:, 0])
        skins = self.made.tones**2.2
        parts = bodies.joined(
            [
                cast.body_parts(hands, held, every, move, far, wear, draw),
                cast.distractors(draw, count, view, skins),
            ]
        )
        things = self._things(hands, every.scene[held.person])
        paint = _both(
            random_paint(draw, len(things.picture), self.first_face),
            bodies.painted(parts, self.first_face, draw),
        )
        solids = _all(things, bodies.solids(parts))
        scene = every.scene[held.person]
        light = _scene_light(own, scene, count)
        canvas, mesh = self._render(kit, hands, view, scene, own, solids, paint, light)
        return self._labelled(canvas, mesh, hands, view, scene)

    def _looks(self, kit: HandKit, every: People, count: int) -> Looks:
        """A look for each person; all of a scene are in one light, some wear gloves."""
        draw, made = self.draw, self.made
        many = len(every.scene)
        looks = random_looks(draw, many, kit.surface.means, kit.skin_choice, made.light, kit.bare)
        first = torch.full((count,), many - 1, device=draw.device)
        first.scatter_reduce_(0, every.scene, torch.arange(many, device=draw.device), "amin")
        lit = looks.rows(first[every.scene])
        gloved = draw.chance(GLOVED * kit.bare, many)
        vivid = torch.where(draw.chance(0.6, many, 1), 0.9, 0.08)
        fabric = draw.between(0.02, 0.9, many, 1) * (1 - vivid * draw.uniform(many, 3))
        return replace(
            looks,
            light=lit.light,
            lamp=lit.lamp,
            lamp_colour=lit.lamp_colour,
            glove=torch.where(gloved, draw.between(-5, 80, many), looks.glove),
            fabric=torch.where(gloved[:, None], fabric, looks.fabric),
            tattooed=torch.where(looks.glove > NOWHERE, 0.0, looks.tattooed),
        )

    def _things(self, hands: Hands, scene: Tensor) -> Objects:
        """What hands hold; left ones are mirrored for it, as things are fitted to right ones."""
        if not len(hands.side):
            return no_objects(self.draw.device)
        mirror = F.pad(hands.side[:, None, None], (0, 2), value=1.0)
        right = hands._replace(vertices=hands.vertices, joints=hands.joints * mirror)
        things = place_objects(right, HELD, self.draw, self.made.shapes)
        back = mirror[things.picture]
        return Objects(things.vertices * back, things.normals * back, scene[things.picture])

    def _render(
        self,
        kit: HandKit,
        hands: Hands,
        view: View,
        scene: Tensor,
        looks: Looks,
        solids: Objects,
        paint: Paint,
        light: tuple[Tensor, Tensor, Tensor],
    ) -> tuple[Tensor, Tensor]:
        """Canvases (C, 4, E, E), and the hand (C, E, E) that each pixel shows, -1 for none."""
        count, edge, triangles = len(view.focal), FINE * self.config.size, kit.arrays.triangles
        points = view.rows(scene).project(hands.vertices)
        hits = rasterise(points, hands.vertices[..., 2], scene, triangles, count, edge)
        flat = torch.full((count * edge * edge,), torch.inf, device=points.device)
        depth = flat.index_copy(0, hits.pixel, hits.depth)
        points = view.rows(solids.picture).project(solids.vertices)
        shapes = grid(points.device)[0]
        others = rasterise(points, solids.vertices[..., 2], solids.picture, shapes, count, edge)
        others = _some(others, others.depth < depth[others.pixel])
        depth[others.pixel] = others.depth
        hits = _some(hits, hits.depth <= depth[hits.pixel])

        casters = (
            Caster(hands.vertices, scene, triangles),
            Caster(solids.vertices, solids.picture, shapes),
        )
        middle = torch.zeros(count, 3, device=points.device)
        middle = middle.index_copy(0, scene.flip(0), hands.joints.mean(1).flip(0))
        shadows = shadow_maps(casters, light[1], middle, torch.full_like(middle[:, 0], SHADOW_MM))
        normals = vertex_normals(hands.vertices, triangles) * hands.side[:, None, None]
        attributes = torch.cat([normals, hands.vertices], -1)
        colours = shade(hits, looks, attributes, kit.surface, shadows, scene)
        around = (part[solids.picture] for part in light)
        things = object_colours(others, solids, paint, self.prints, *around)
        canvas = torch.zeros(len(flat), 4, device=points.device)
        canvas[hits.pixel] = F.pad(colours, (0, 1), value=1.0)
        canvas[others.pixel] = F.pad(things, (0, 1), value=1.0)
        mesh = torch.full_like(flat, -1, dtype=torch.long)
        mesh[hits.pixel] = hits.mesh
        canvas = canvas.view(count, edge, edge, 4).permute(0, 3, 1, 2)
        return canvas, mesh.view(count, edge, edge)

    def _labelled(
        self, canvas: Tensor, mesh: Tensor, hands: Hands, view: View, scene: Tensor
    ) -> _Drawn:
        """The canvases with the hands of each scene in rows of `MOST_HANDS`."""
        count, edge, many = len(canvas), canvas.shape[-1], len(scene)
        own = torch.arange(many, device=scene.device)
        views = view.rows(scene)
        joints, balls = views.project(hands.joints), views.project(flesh(hands.joints)[0])
        x, y = balls.long().clamp(0, edge - 1).unbind(-1)
        inside = ((balls >= 0) & (balls < edge)).all(-1)
        seen = inside & (mesh[scene[:, None], y, x] == own[:, None])
        # The row of a hand: how many hands of its scene come before it.
        row = torch.tril(scene[:, None] == scene, -1).sum(1)

        def rows(values: Tensor) -> Tensor:
            laid = values.new_zeros(count, MOST_HANDS, *values.shape[1:])
            laid[scene, row] = values
            return laid

        there = torch.ones(many, device=scene.device)
        return _Drawn(
            canvas,
            rows(joints),
            rows(balls),
            rows(seen),
            rows((hands.side > 0).float()),
            rows(there),
        )

    def _shown(self, drawn: _Drawn) -> Frames:
        """A frame of each scene: a window of it, what is behind and before it, and a camera."""
        draw, size, (count, _, edge, _) = self.draw, self.config.size, drawn.canvas.shape
        window, mirrored = windows(draw, count)
        layer = window.cut(drawn.canvas, size)
        layer = smeared(layer, HAND_MOVES, draw, CROP)
        behind = self.behind(count)
        noise = cloud(count, 3, size, draw.generator)
        front, cover = occluders(draw, noise, self.made.tones)
        images = torch.lerp(behind * (1 - layer[:, 3:]) + layer[:, :3], front, cover)
        images = sense(lit_oddly(images, draw), draw, CROP)
        barred = bars(draw, count, size)
        images = torch.where(barred, draw.chance(0.3, count, 1, 1, 1) * 0.45, images)
        hidden = torch.maximum(cover, barred.float())

        def place(points: Tensor) -> Tensor:
            return window.place(points.flatten(1, 2), edge, size).view_as(points)

        joints, balls = place(drawn.joints), place(drawn.flesh)
        clear = uncovered(balls.flatten(1, 2), hidden).view_as(drawn.seen)
        share = (drawn.seen & clear).float().mean(2)
        longest = (joints.amax(2) - joints.amin(2)).amax(-1)
        found = drawn.there * (share >= LEAST_SEEN) * (longest >= LEAST_SIDE)
        ignored = drawn.there * (share > 0) * (1 - found)
        right = torch.where(mirrored[:, None], 1 - drawn.right, drawn.right)
        return Frames(images, *hands_of(joints, right, found, ignored, size))


def _skin(looks: Looks) -> Tensor:
    """Linear colours (P, 3) of people's skin."""
    return tone_colours(DARKEST + looks.tone * (LIGHTEST - DARKEST)).exp()


def _scene_light(looks: Looks, scene: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Room, lamp and the lamp's colour of each of C scenes, as its hands have them."""

    def of_scenes(values: Tensor, otherwise: Tensor) -> Tensor:
        laid = otherwise.expand(count, *values.shape[1:]).clone()
        laid[scene] = values
        return laid

    dim = torch.zeros_like(looks.light[0])
    dim[0] = 2.0
    lamp = looks.lamp.new_tensor([0.0, -0.8, -0.6])
    return (
        of_scenes(looks.light, dim),
        of_scenes(looks.lamp, lamp),
        of_scenes(looks.lamp_colour, torch.zeros_like(lamp)),
    )


def _some(hits: Hits, kept: Tensor) -> Hits:
    return Hits(*(part[kept] for part in hits))


def _all(first: Objects, second: Objects) -> Objects:
    return Objects(*(torch.cat(pair) for pair in zip(first, second, strict=True)))


def _both(first: Paint, second: Paint) -> Paint:
    names = Paint.__dataclass_fields__
    pairs = {name: (getattr(first, name), getattr(second, name)) for name in names}
    return Paint(**{name: torch.cat(pair) for name, pair in pairs.items()})
