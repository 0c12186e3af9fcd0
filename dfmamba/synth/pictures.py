"""Training pictures without end: posed, lit, rasterised and degraded hands with exact labels."""

import time
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.backdrop import backgrounds, occluders
from dfmamba.synth.draw import Draw
from dfmamba.synth.hand_model import HandArrays, HandModel
from dfmamba.synth.pose_prior import Poser, key_angles
from dfmamba.synth.raster import rasterise
from dfmamba.synth.scene import CropJitter, Hands, View, beside, frame, place, pose_hands
from dfmamba.synth.sensor import sense
from dfmamba.synth.shade import Looks, random_looks, shade, vertex_normals
from dfmamba.synth.textures import Textures, atlas_uv, cloud

IDENTITIES = 4096
IDENTITIES_SEED = 20
HELD_OUT_EVERY = 8
FLESH_MM = 16.0
"""A joint lies at most about this deep under the skin; the wrist lies deeper."""


@dataclass(frozen=True)
class SynthConfig:
    """What to draw.

    size: edge of the pictures, px, a multiple of 16. supersample: edges drawn at so many times
    the size. second_hands: share of pictures with another hand. held_out: identities, skins,
    backgrounds and key poses that training never draws. hand: the baked file (None: the cache's).
    """

    size: int = 128
    supersample: int = 2
    second_hands: float = 0.2
    crop: CropJitter = field(default_factory=CropJitter)
    held_out: bool = False
    hand: Path | None = None


class TrainingBatch(NamedTuple):
    """B pictures of right hands of S x S pixels, and their labels.

    images (B, 3, S, S): RGB, 0 to 1. joints_px (B, 21, 2): crop pixels. joints_mm (B, 21, 3):
    camera frame. visible (B, 21): inside and hidden by nothing. mask (B, S, S): the hand where it
    is seen. depth (B, S, S): its camera z, mm, inf elsewhere.
    """

    images: Tensor
    joints_px: Tensor
    joints_mm: Tensor
    visible: Tensor
    mask: Tensor
    depth: Tensor


class TrainingPictures:
    """Draws batches on `device`; a seed repeats its pictures there, on a GPU up to rounding."""

    def __init__(
        self,
        config: SynthConfig,
        data: Path | None = None,
        device: torch.device | str = "cpu",
        seed: int = 0,
    ) -> None:
        """Load what is drawn from; data: a folder with skins/ and bg/, a pack, or None."""
        self.config = config
        self.draw = Draw(seed, device)
        arrays = HandArrays.load(config.hand)
        textures = Textures.load(data, arrays, device)
        self.uv = atlas_uv(arrays)[0].to(device)
        self.arrays = HandArrays(
            **{f.name: getattr(arrays, f.name).to(device) for f in fields(arrays)}
        )
        self.model, self.poser = HandModel(self.arrays), Poser(self.arrays.frames)
        self.keys = key_angles(held_out=config.held_out).to(device)
        generator = torch.Generator().manual_seed(IDENTITIES_SEED)
        people = torch.randn(IDENTITIES, len(arrays.shape_heads), generator=generator)
        self.people = self._share(people.clamp(-2.5, 2.5)).to(device)
        self.skins = textures.skins
        self.skin_choice = self._share(torch.arange(len(self.skins)), every=4).to(device)
        tones = self.skins.float().mean((2, 3)) / 255
        self.tones = tones[self.skin_choice]
        self.photos = self._share(textures.backgrounds)
        self.light = textures.light

    def _share(self, rows: Tensor, every: int = HELD_OUT_EVERY) -> Tensor:
        held = torch.arange(len(rows), device=rows.device) % every == 1
        return rows[held == self.config.held_out]

    @torch.no_grad()
    def batch(self, count: int) -> TrainingBatch:
        """`count` fresh pictures with their labels."""
        size, fine = self.config.size, self.config.size * self.config.supersample
        hands, view, picture = self._hands(count)
        looks = self._looks(picture)
        colour, alpha, owner, depth = self.render(hands, view, picture, looks, count)
        noise = cloud(count, 3, size, self.draw.generator)
        behind = backgrounds(self.draw, noise, self.photos, self.tones)
        front, cover = occluders(self.draw, noise, self.tones)
        images = torch.lerp(behind * (1 - alpha) + colour, front, cover)

        ours = (owner < count) & (owner >= 0)
        seen = F.max_pool2d(ours.float()[:, None], self.config.supersample)[:, 0] > 0
        own_depth = torch.where(ours, depth, torch.inf)
        own_depth = -F.max_pool2d(-own_depth[:, None], self.config.supersample)[:, 0]
        mask = seen & (cover[:, 0] < 0.5)
        joints, joints_px = hands.joints[:count], view.project(hands.joints[:count])
        scale = size / fine
        visible = _visible(joints, joints_px * scale, own_depth, mask)
        return TrainingBatch(
            images=sense(images, self.draw),
            joints_px=joints_px * scale,
            joints_mm=joints,
            visible=visible,
            mask=mask,
            depth=torch.where(mask, own_depth, torch.inf),
        )

    def _hands(self, count: int) -> tuple[Hands, View, Tensor]:
        """`count` right hands, then the second hands; the views; the picture of each hand."""
        draw, extra = self.draw, int(self.config.second_hands * count)
        shape = self.people[draw.index(len(self.people), count + extra)]
        side = torch.ones(count + extra, device=draw.device)
        side[count:] = torch.where(draw.chance(0.7, extra), -1.0, 1.0)
        every = pose_hands(self.model, self.poser, draw, shape, self.keys, side)
        first, focal = place(Hands(*(part[:count] for part in every)), draw)
        fine = self.config.size * self.config.supersample
        view = frame(first.joints, focal, draw, self.config.crop, fine)
        hosts = torch.randperm(count, generator=draw.generator, device=draw.device)[:extra]
        hosted = Hands(*(part[hosts] for part in first))
        second = beside(hosted, Hands(*(part[count:] for part in every)), draw)
        both = Hands(*(torch.cat(pair) for pair in zip(first, second, strict=True)))
        return both, view, torch.cat([torch.arange(count, device=draw.device), hosts])

    def _looks(self, picture: Tensor) -> Looks:
        """A look per hand; second hands belong to the first one's person or to another."""
        looks = random_looks(self.draw, len(picture), self.skin_choice, self.light)
        own = torch.arange(len(picture), device=picture.device)
        same = torch.where(self.draw.chance(0.7, len(picture)), picture, own)
        return Looks(
            **{
                f.name: getattr(looks, f.name)[picture if f.name.startswith("l") else same]
                for f in fields(looks)
            }
        )

    def render(
        self, hands: Hands, view: View, picture: Tensor, looks: Looks, count: int
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Draw M hands into `count` pictures.

        Returns colour (B, 3, S, S), premultiplied, and alpha (B, 1, S, S) at the pictures' size;
        owner (B, F, F), the hand's row or -1, and depth (B, F, F), mm, inf where empty, finer.
        """
        fine = self.config.size * self.config.supersample
        points = view.rows(picture).project(hands.vertices)
        triangles = self.arrays.triangles
        hits = rasterise(points, hands.vertices[..., 2], picture, triangles, count, fine)
        normals = vertex_normals(hands.vertices, triangles) * hands.side[:, None, None]
        rest = self.arrays.vertices.expand_as(hands.vertices)
        attributes = torch.cat([normals, hands.vertices, rest], -1)
        colours = shade(hits, looks, attributes, triangles, self.uv, self.skins)
        depth = torch.full((count * fine * fine,), torch.inf, device=points.device)
        depth[hits.pixel] = hits.depth
        depth = depth.view(count, fine, fine)
        owner = torch.full((count * fine * fine,), -1, device=points.device)
        owner[hits.pixel] = hits.mesh
        colours = colours * _creases(depth, hits.pixel)[:, None]
        canvas = torch.zeros(count * fine * fine, 4, device=points.device)
        canvas[hits.pixel] = F.pad(colours, (0, 1), value=1.0)
        canvas = canvas.view(count, fine, fine, 4).permute(0, 3, 1, 2)
        canvas = F.avg_pool2d(canvas, self.config.supersample)
        return canvas[:, :3], canvas[:, 3:], owner.view(count, fine, fine), depth


def _creases(depth: Tensor, pixel: Tensor) -> Tensor:
    """Factors (N,) that darken what lies behind its neighbourhood, where light hardly gets."""
    size = depth.shape[-1]
    solid = depth.isfinite()
    both = torch.stack([torch.where(solid, depth, 0.0), solid.float()], 1)
    coarse = F.avg_pool2d(F.avg_pool2d(both, 4), 5, 1, 2, count_include_pad=False)
    around = coarse[:, :1] / coarse[:, 1:].clamp(min=1e-3)
    around = F.interpolate(around, (size, size), mode="bilinear").flatten()
    return 1 - ((depth.flatten()[pixel] - around[pixel]) / 25).clamp(0, 1) * 0.45


def _visible(joints: Tensor, joints_px: Tensor, depth: Tensor, mask: Tensor) -> Tensor:
    """Whether each joint (B, 21) is just under the surface that is seen at its pixel."""
    size = depth.shape[-1]
    inside = ((joints_px >= 0) & (joints_px < size)).all(-1)
    x, y = joints_px.long().clamp(0, size - 1).unbind(-1)
    rows = torch.arange(len(joints), device=joints.device)[:, None]
    flesh = torch.full((joints.shape[1],), FLESH_MM, device=joints.device)
    flesh[0] = 1.6 * FLESH_MM
    near = joints[..., 2] - depth[rows, y, x] < flesh
    return inside & mask[rows, y, x] & near


def pictures_per_second(
    config: SynthConfig, data: Path | None, device: torch.device | str, count: int = 256
) -> float:
    """Throughput of batches of `count`, after one to warm up."""
    pictures = TrainingPictures(config, data, device)
    rounds = 3

    def finish() -> float:
        if torch.device(device).type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()

    pictures.batch(count)
    start = finish()
    for _ in range(rounds):
        pictures.batch(count)
    return rounds * count / (finish() - start)
