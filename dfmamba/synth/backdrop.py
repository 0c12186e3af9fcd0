"""What is behind and in front of the hand: photographs, noise, shapes, skin-coloured blobs."""

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.draw import Draw

SHAPES_BEHIND = 3


def backgrounds(draw: Draw, noise: Tensor, photos: Tensor, tones: Tensor) -> Tensor:
    """Backgrounds (count, 3, size, size), 0 to 1.

    noise (count, 3, size, size): smooth, 0 to 1. photos (N, 3, h, w), uint8. tones (T, 3),
    0 to 1: skin colours for distracting shapes.
    """
    count, size = len(noise), noise.shape[-1]
    pictures = _crops(draw, count, size, photos)
    plain = draw.uniform(count, 3, 1, 1) + 0.15 * draw.normal(count, 3, 1, 1)
    shading = noise[:, :1] - 0.5
    grey = noise.mean(1, keepdim=True)
    tinted = grey + (noise - grey) * draw.between(0, 1, count, 1, 1, 1)
    kind = draw.uniform(count, 1, 1, 1)
    made = torch.where(kind < 0.1, tinted, plain + shading * draw.between(0, 0.6, count, 1, 1, 1))
    pictures = torch.where(kind < 0.28, made, pictures)
    for _ in range(SHAPES_BEHIND):
        mask = _shapes(draw, count, size) * draw.chance(0.3, count, 1, 1, 1)
        pictures = torch.lerp(pictures, _filling(draw, count, tones, noise), mask)
    return pictures.clamp(0, 1)


def occluders(draw: Draw, noise: Tensor, tones: Tensor) -> tuple[Tensor, Tensor]:
    """Colours (count, 3, size, size) and cover (count, 1, size, size) of things in front."""
    count, size = len(noise), noise.shape[-1]
    cover = _shapes(draw, count, size) * draw.chance(0.18, count, 1, 1, 1)
    return _filling(draw, count, tones, noise), cover


def _crops(draw: Draw, count: int, size: int, photos: Tensor) -> Tensor:
    """Random square windows of the photographs, turned a little, some mirrored."""
    height, width = photos.shape[2:]
    scale = draw.between(0.25, 1.0, count)
    turn = 0.15 * draw.normal(count)
    half_y, half_x = scale, scale * height / width
    flip = torch.where(draw.chance(0.5, count), 1.0, -1.0)
    matrix = torch.zeros(count, 2, 3, device=draw.device)
    matrix[:, 0, 0], matrix[:, 0, 1] = flip * half_x * turn.cos(), -half_x * turn.sin()
    matrix[:, 1, 0], matrix[:, 1, 1] = flip * half_y * turn.sin(), half_y * turn.cos()
    matrix[:, 0, 2] = draw.between(-1, 1, count) * (1 - half_x)
    matrix[:, 1, 2] = draw.between(-1, 1, count) * (1 - half_y)
    grid = F.affine_grid(matrix, [count, 3, size, size], align_corners=False)
    chosen = photos[draw.index(len(photos), count)].float() / 255
    return F.grid_sample(chosen, grid, padding_mode="reflection", align_corners=False)


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


def _filling(draw: Draw, count: int, tones: Tensor, noise: Tensor) -> Tensor:
    """Colours (count, 3, size, size): plain or textured, many of them like skin."""
    colour = draw.uniform(count, 3)
    skin = tones[draw.index(len(tones), count)] * draw.between(0.6, 1.2, count, 1)
    colour = torch.where(draw.chance(0.5, count, 1), skin, colour)[:, :, None, None]
    rolled = noise.roll(1, 0)
    return (colour + draw.between(0, 0.7, count, 1, 1, 1) * (rolled - 0.5)).clamp(0, 1)
