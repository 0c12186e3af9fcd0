"""From the camera's bytes to the network's input in one kernel: crop, resize, normalise, in Triton.

What `Crop.extract` does on the processor: bilinear samples, black outside the frame, and where the
crop shrinks a lot the mean of several samples for each pixel.
"""

from typing import TypeAlias

import triton
import triton.language as tl
from torch import Tensor

from dfmamba.model.network import MEAN, STD

AS_IT_IS = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
"""Mean and spread of the colours of a picture from 0 to 1, which leave it so."""
CROP_FLOATS = 4
"""How a crop is told to the kernel: x, y, side in frame pixels, and -1 if mirrored, else 1."""
BLOCK = 128
Colour: TypeAlias = tuple[float, float, float]
Scale: TypeAlias = tuple[Colour, Colour]


@triton.jit
def _crop(
    frame, crops, out, height, width, size, row,
    MEAN: tl.constexpr, STD: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    picture = tl.program_id(1)
    cell = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    here = cell < size * size
    u, v = cell % size, cell // size
    x = tl.load(crops + 4 * picture)
    y = tl.load(crops + 4 * picture + 1)
    side = tl.load(crops + 4 * picture + 2)
    sign = tl.load(crops + 4 * picture + 3)
    shrink = (side / (2 * size)).to(tl.int32) + 1
    step = side / (size * shrink)
    red = tl.zeros((BLOCK,), tl.float32)
    green = tl.zeros((BLOCK,), tl.float32)
    blue = tl.zeros((BLOCK,), tl.float32)
    for sample in range(shrink * shrink):
        across = (u * shrink + sample % shrink + 0.5) * step - side / 2
        over = (v * shrink + sample // shrink + 0.5) * step - side / 2
        column, line = x + sign * across - 0.5, y + over - 0.5
        left, top = tl.floor(column), tl.floor(line)
        for corner in tl.static_range(4):
            c, r = left + corner % 2, top + corner // 2
            share = (1.0 - tl.abs(column - c)) * (1.0 - tl.abs(line - r))
            inside = here & (c >= 0) & (c < width) & (r >= 0) & (r < height)
            at = frame + (r.to(tl.int32) * width + c.to(tl.int32)) * 3
            red += share * tl.load(at, mask=inside, other=0).to(tl.float32)
            green += share * tl.load(at + 1, mask=inside, other=0).to(tl.float32)
            blue += share * tl.load(at + 2, mask=inside, other=0).to(tl.float32)
    scale = 1.0 / (255.0 * shrink * shrink)
    place = out + (picture * size * size + cell) * row
    tl.store(place, (red * scale - MEAN[0]) / STD[0], mask=here)
    tl.store(place + 1, (green * scale - MEAN[1]) / STD[1], mask=here)
    tl.store(place + 2, (blue * scale - MEAN[2]) / STD[2], mask=here)


def crop(frame: Tensor, crops: Tensor, out: Tensor, scale: Scale = (MEAN, STD)) -> None:
    """Fill `out` (B, S, S, 3 or more) with what `crops` (B, CROP_FLOATS) cut from the frame.

    frame (H, W, 3) uint8 RGB; out channels last, normalised as the hand network wants it, or by
    another mean and spread of its colours.
    """
    batch, size = out.shape[:2]
    _crop[(triton.cdiv(size * size, BLOCK), batch)](
        frame, crops, out, frame.shape[0], frame.shape[1], size, out.stride(2),
        *scale, BLOCK,
    )  # fmt: skip
