"""Which part of a scene a frame shows: windows, and bars beside pictures of another shape."""

import math

import torch
from torch import Tensor

from dfmamba.finder.scenes.cast import WIDTHS
from dfmamba.synth.camera.crop_jitter import Window
from dfmamba.synth.draw import Draw

BARRED = 0.15
"""Share of the frames with bars at two sides, as frames of another shape have."""


def windows(draw: Draw, count: int) -> tuple[Window, Tensor]:
    """Windows that stay in the canvas, some mirrored, and which are (B,)."""
    turn = math.radians(7) * draw.normal(count)
    turn = torch.where(draw.chance(0.04, count), draw.between(-math.pi, math.pi, count), turn)
    half = torch.where(draw.chance(0.75, count), 1.0, draw.between(0.45, 1, count)) / WIDTHS
    room = (1 - half * (turn.cos().abs() + turn.sin().abs())).clamp(min=0)
    middle = room[:, None] * draw.between(-1, 1, count, 2)
    mirrored = draw.chance(0.5, count)
    flip = torch.where(mirrored, -1.0, 1.0)
    c, s = half * turn.cos(), half * turn.sin()
    linear = torch.stack([torch.stack([flip * c, -s], 1), torch.stack([flip * s, c], 1)], 1)
    return Window(linear, middle), mirrored


def bars(draw: Draw, count: int, size: int) -> Tensor:
    """Which pixels (B, 1, S, S) are no part of the picture: bars of some frames."""
    axis = ((torch.arange(size, device=draw.device) + 0.5) / size - 0.5).abs()
    reach = torch.where(draw.chance(BARRED, count, 1, 1), draw.between(0.28, 0.5, count, 1, 1), 1.0)
    beyond = axis > reach
    upright = draw.chance(0.5, count, 1, 1)
    return torch.where(upright, beyond.mT.expand(-1, size, size), beyond.expand(-1, size, size))[
        :, None
    ]
