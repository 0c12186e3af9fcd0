"""What is behind and in front of the hand: photographs, noise, shapes, skin-coloured blobs."""

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.draw import Draw
from dfmamba.synth.resize import resized

SHAPES_BEHIND = 2
PEOPLE = 0.15
"""Share of the pictures with a simple person behind the hand."""
PERSON = (
    *((0.0, 3.1, 2.3, 2.0, "cloth"), (0.0, 1.1, 0.45, 0.6, "skin"), (0.0, -0.2, 0.95, 1.1, "hair")),
    *((0.0, 0.1, 0.78, 1.0, "skin"), (-0.32, -0.08, 0.14, 0.07, "hair")),
    *((0.32, -0.08, 0.14, 0.07, "hair"), (0.0, 0.55, 0.28, 0.06, "lips")),
)
"""Ellipses of a person, back to front: centre x, y, half-axes, in half-heights of the head."""


def backgrounds(draw: Draw, noise: Tensor, photos: Tensor, tones: Tensor) -> Tensor:
    """Backgrounds (count, 3, size, size), 0 to 1.

    noise (count, 3, size, size): smooth, 0 to 1. photos (N, 3, h, w), uint8. tones (T, 3),
    0 to 1: skin colours for distracting shapes.
    """
    count, size = len(noise), noise.shape[-1]
    pictures = _developed(draw, _crops(draw, count, size, photos))
    plain = _muted(draw, count)[:, :, None, None]
    grey = noise.mean(1, keepdim=True)
    cloudy = plain + (grey - 0.5) * draw.between(0, 0.5, count, 1, 1, 1)
    tinted = cloudy + (noise - grey) * draw.between(0, 0.6, count, 1, 1, 1)
    kind = draw.uniform(count, 1, 1, 1)
    made = torch.where(kind < 0.04, tinted, cloudy)
    pictures = torch.where(kind < 0.14, made, pictures)
    rows = draw.rows(PEOPLE, count)
    pictures = pictures.index_copy(0, rows, _with_person(draw, pictures[rows], tones))
    other = pictures.roll(1, 0)
    for _ in range(SHAPES_BEHIND):
        rows = draw.rows(0.2, count)
        filling = _filling(draw, tones, other[rows])
        mixed = torch.lerp(pictures[rows], filling, _shapes(draw, len(rows), size))
        pictures = pictures.index_copy(0, rows, mixed)
    return _defocused(draw, pictures).clamp(0, 1)


def occluders(draw: Draw, noise: Tensor, tones: Tensor) -> tuple[Tensor, Tensor]:
    """Colours (count, 3, size, size) and cover (count, 1, size, size) of things in front."""
    count, size = len(noise), noise.shape[-1]
    rows = draw.rows(0.15, count)
    filling = _filling(draw, tones, noise[:, :1].roll(1, 0)[rows])
    colours = torch.zeros_like(noise).index_copy(0, rows, filling)
    cover = torch.zeros_like(noise[:, :1]).index_copy(0, rows, _shapes(draw, len(rows), size))
    return colours, cover


def _muted(draw: Draw, count: int) -> Tensor:
    """Colours (count, 3), most of them greyish as walls, clothes and furniture are."""
    strength = torch.where(draw.chance(0.2, count, 1), 0.25, 0.07)
    return (draw.between(0.05, 0.95, count, 1) + strength * draw.normal(count, 3)).clamp(0, 1)


def _developed(draw: Draw, pictures: Tensor) -> Tensor:
    """Each photograph (B, 3, S, S) in other light."""
    count = len(pictures)
    light = torch.exp(0.25 * draw.normal(count, 1, 1, 1)) * (1 + 0.05 * draw.normal(count, 3, 1, 1))
    grey = pictures.mean(1, keepdim=True)
    return torch.lerp(grey, pictures, draw.between(0.6, 1.3, count, 1, 1, 1)) * light


def _defocused(draw: Draw, pictures: Tensor) -> Tensor:
    """Some pictures (B, 3, S, S) blurred, as what lies behind the plane of focus is."""
    count, size = len(pictures), pictures.shape[-1]
    for step in (2, 4):
        small = F.avg_pool2d(F.avg_pool2d(pictures, step), 3, 1, 1, count_include_pad=False)
        soft = resized(small, size)
        amount = draw.uniform(count, 1, 1, 1) * draw.chance(0.35, count, 1, 1, 1)
        pictures = torch.lerp(pictures, soft, amount.sqrt())
    return pictures


def _with_person(draw: Draw, pictures: Tensor, tones: Tensor) -> Tensor:
    """Pictures (B, 3, S, S) with a head and shoulders, more or less in view."""
    count, size = len(pictures), pictures.shape[-1]
    axis = (torch.arange(size, device=draw.device) + 0.5) / size * 2 - 1
    head = draw.between(0.25, 0.9, count, 1, 1)
    x = (axis - draw.between(-1.2, 1.2, count, 1, 1)) / head
    y = (axis[:, None] - draw.between(-1.2, 0.6, count, 1, 1)) / head
    skin = tones[draw.index(len(tones), count)] * draw.between(0.5, 1.1, count, 1)
    hair = draw.between(0.05, 0.4, count, 1) * torch.tensor([1, 0.85, 0.7], device=draw.device)
    lips = skin * torch.tensor([0.85, 0.6, 0.6], device=draw.device)
    colours = {"skin": skin, "hair": hair, "lips": lips, "cloth": _muted(draw, count)}
    side = 1 + 0.25 * draw.normal(count, 1, 1) * x.clamp(-1, 1)
    for middle_x, middle_y, half_x, half_y, part in PERSON:
        inside = 1 - ((x - middle_x) / half_x) ** 2 - ((y - middle_y) / half_y) ** 2
        mask = (inside * head * size * half_y / 4).clamp(0, 1)[:, None]
        pictures = torch.lerp(pictures, colours[part][:, :, None, None] * side[:, None], mask)
    return pictures


def _crops(draw: Draw, count: int, size: int, photos: Tensor) -> Tensor:
    """Random square windows of the photographs, turned a little, some mirrored."""
    height, width = photos.shape[2:]
    scale = draw.between(0.3, 1.0, count)
    turn = 0.12 * draw.normal(count)
    half_y, half_x = scale, scale * height / width
    flip = torch.where(draw.chance(0.5, count), 1.0, -1.0)
    matrix = torch.zeros(count, 2, 3, device=draw.device)
    matrix[:, 0, 0], matrix[:, 0, 1] = flip * half_x * turn.cos(), -half_x * turn.sin()
    matrix[:, 1, 0], matrix[:, 1, 1] = flip * half_y * turn.sin(), half_y * turn.cos()
    matrix[:, 0, 2] = draw.between(-1, 1, count) * (1 - half_x)
    matrix[:, 1, 2] = draw.between(-1, 1, count) * (1 - half_y)
    grid = F.affine_grid(matrix, [count, 3, size, size], align_corners=False)
    chosen = photos[draw.index(len(photos), count)].float()
    return F.grid_sample(chosen, grid, padding_mode="reflection", align_corners=False) / 255


def _shapes(draw: Draw, count: int, size: int) -> Tensor:
    """Soft masks (count, 1, size, size) of one ellipse, box or long bar each."""
    axis = (torch.arange(size, device=draw.device) + 0.5) / size * 2 - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    angle = draw.between(0, torch.pi, count, 1, 1)
    dx, dy = x - draw.between(-1, 1, count, 1, 1), y - draw.between(-1, 1, count, 1, 1)
    u = dx * angle.cos() + dy * angle.sin()
    v = dy * angle.cos() - dx * angle.sin()
    long = draw.between(0.12, 0.6, count, 1, 1) + 3 * draw.chance(0.3, count, 1, 1)
    thick = draw.between(0.06, 0.4, count, 1, 1)
    u, v = (u / long).abs(), (v / thick).abs()
    power = torch.where(draw.chance(0.5, count, 1, 1), 2.0, 12.0)
    inside = 1 - (u.clamp(max=4) ** power + v.clamp(max=4) ** power)
    return ((inside * thick * size / 3).clamp(-1, 1) * 0.5 + 0.5)[:, None]


def _filling(draw: Draw, tones: Tensor, texture: Tensor) -> Tensor:
    """Colours (B, 3, S, S): plain or with a texture (B, C, S, S), many of them like skin."""
    count = len(texture)
    skin = tones[draw.index(len(tones), count)] * draw.between(0.5, 1.1, count, 1)
    colour = torch.where(draw.chance(0.5, count, 1), skin, _muted(draw, count))[:, :, None, None]
    return (colour + draw.between(0, 0.6, count, 1, 1, 1) * (texture - 0.5)).clamp(0, 1)
