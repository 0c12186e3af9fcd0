"""What a camera does to a picture: motion, blur, exposure, colour, noise, compression."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.draw import Draw
from dfmamba.synth.resize import resized

TO_LUMA = torch.tensor([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]])
"""RGB to brightness and two colour differences."""
CAMERA_MOVES = 0.1
"""Share of the pictures in which the camera moves."""
MOTION = 1 / 5
"""The longest motion during one exposure, in widths of the picture."""
BLUR = 1 / 75
"""The widest blur, one standard deviation, in widths of the picture."""
FEWER = ((0.1, 2), (0.05, 3), (0.03, 4), (0.03, 6))
"""Shares of the pictures that are seen through so many times fewer pixels, as hands far away."""
TINTED, RECOLOURED, GREY = 0.06, 0.03, 0.07
"""Shares of the pictures in one lamp's colour, in wholly other colours, and without any."""


def sense(images: Tensor, draw: Draw, crop: float = 1.0) -> Tensor:
    """Degrade display-ready pictures (B, 3, S, S) in 0 to 1, each in its own way.

    crop: how wide a hand's crop commonly is in them, in widths of the picture: of a whole frame
    less is smeared and blurred.
    """
    images = smeared(images, CAMERA_MOVES, draw, crop)
    images = _blur(images, draw, crop)
    images = _low_resolution(images, draw)
    exposure = _exposure(draw, len(images))
    images = _colour(_tinted(images, draw) * exposure, draw)
    images = _grey(_noise(images, exposure, draw), draw)
    return _jpeg(images, draw).clamp(0, 1)


def smeared(images: Tensor, share: float, draw: Draw, crop: float = 1.0) -> Tensor:
    """A share of the pictures (B, C, S, S) smeared along a line, as what moves is.

    crop: as in `sense`.
    """
    count, width = len(images), crop * images.shape[-1]
    rows = draw.rows(share, count)
    angle, reach = draw.between(0, math.pi, len(rows)), MOTION * width / 2
    half = draw.between(0.5, reach, len(rows)) * draw.uniform(len(rows))
    along, across = _turned(angle, 2 * math.ceil(reach) + 1)
    line = (half[:, None, None] + 0.5 - along.abs()).clamp(0, 1)
    return images.index_copy(0, rows, _convolve(images[rows], line * torch.exp(-2 * across**2)))


def _blur(images: Tensor, draw: Draw, crop: float) -> Tensor:
    """Lenses out of focus, not always evenly; some sharpened by the camera."""
    count, widest = len(images), BLUR * crop * images.shape[-1]
    wide = torch.where(draw.chance(0.3, count), draw.between(0.3, widest, count), 0.25)
    narrow = torch.where(draw.chance(0.7, count), wide, draw.between(0.25, 0.6, count))
    along, across = _turned(draw.between(0, math.pi, count), 2 * math.ceil(1.7 * widest) + 1)
    wide, narrow = wide[:, None, None], narrow[:, None, None]
    blurred = _convolve(images, torch.exp(-0.5 * ((along / wide) ** 2 + (across / narrow) ** 2)))
    sharpen = torch.where(draw.chance(0.2, count), draw.between(0, 2, count), 0.0)
    return torch.lerp(blurred, images, sharpen[:, None, None, None])


def _turned(angle: Tensor, edge: int) -> tuple[Tensor, Tensor]:
    """Coordinates (B, edge, edge), pixels from the middle, along and across directions (B,)."""
    offset = torch.arange(edge, device=angle.device) - edge // 2
    y, x = torch.meshgrid(offset.float(), offset.float(), indexing="ij")
    c, s = angle.cos()[:, None, None], angle.sin()[:, None, None]
    return c * x + s * y, c * y - s * x


def _convolve(images: Tensor, kernel: Tensor) -> Tensor:
    """Each picture (B, C, S, S) with its own kernel (B, k, k), scaled to sum 1."""
    count, channels, height, width = images.shape
    kernel = kernel / kernel.sum((1, 2), keepdim=True)
    weight = kernel.repeat_interleave(channels, 0)[:, None].to(images)
    padded = F.pad(images, [kernel.shape[-1] // 2] * 4, mode="replicate").flatten(0, 1)[None]
    return F.conv2d(padded, weight, groups=count * channels).view(count, channels, height, width)


def _low_resolution(images: Tensor, draw: Draw) -> Tensor:
    """Some pictures through fewer pixels, as a hand far away."""
    count, size = len(images), images.shape[-1]
    for share, step in FEWER:
        edge = step // 2  # keeps the middles of coarse pixels on those of fine ones
        small = F.avg_pool2d(images, step, padding=edge, ceil_mode=True, count_include_pad=False)
        back = resized(small, step * small.shape[-1])
        back = back[..., edge : edge + size, edge : edge + size]
        images = torch.where(draw.chance(share, count, 1, 1, 1), back, images)
    return images


def _exposure(draw: Draw, count: int) -> Tensor:
    """Factors (count, 1, 1, 1) of brightness: mostly right, some low light, some too much."""
    kind = draw.uniform(count, 1, 1, 1)
    right = 1 + 0.1 * draw.normal(count, 1, 1, 1)
    factor = torch.where(kind < 0.1, draw.between(0.25, 0.75, count, 1, 1, 1), right)
    return torch.where(kind > 0.93, draw.between(1.2, 2.0, count, 1, 1, 1), factor)


def _tinted(images: Tensor, draw: Draw) -> Tensor:
    """Some pictures as in the light of one coloured lamp, or as a camera set wrong gives them."""
    count = len(images)
    share = draw.uniform(count, 1, 1, 1)
    lamp = draw.uniform(count, 3, 1, 1) ** 1.5 + 0.08
    lamp = lamp / lamp.amax(1, keepdim=True)
    # The camera makes up for a part of what light is missing.
    lit = images * lamp * (1 + 0.5 * (1 - lamp.mean(1, keepdim=True)))
    # Each channel from all: as a wrong white balance, false colours, or skin in a thin glove.
    mix = draw.uniform(count, 3, 3) ** 2
    mixed = torch.einsum("bij,bjhw->bihw", mix / mix.sum(2, keepdim=True), images)
    mixed = mixed * draw.between(0.5, 1.2, count, 3, 1, 1)
    images = torch.where(share < TINTED, lit, images)
    return torch.where(share > 1 - RECOLOURED, mixed, images)


def _grey(images: Tensor, draw: Draw) -> Tensor:
    """Some pictures without colour, as cameras for the dark, or for infrared, give them."""
    count = len(images)
    weight = draw.uniform(count, 3, 1, 1)
    grey = (images * (weight / weight.sum(1, keepdim=True))).sum(1, keepdim=True)
    return torch.where(draw.chance(GREY, count, 1, 1, 1), grey.expand_as(images), images)


def _colour(images: Tensor, draw: Draw) -> Tensor:
    """White balance, gamma, contrast, saturation; a few with the bands of a flickering lamp."""
    count, height = len(images), images.shape[2]
    warmth = torch.tensor([0.07, 0.0, -0.08], device=draw.device)[:, None, None]
    gain = 1 + warmth * draw.normal(count, 1, 1, 1) + 0.025 * draw.normal(count, 3, 1, 1)
    gamma = torch.exp(0.12 * draw.normal(count, 1, 1, 1))
    contrast = 1 + 0.1 * draw.normal(count, 1, 1, 1)
    row = torch.arange(height, device=draw.device)[:, None] / height
    phase = row * draw.between(1, 5, count, 1, 1, 1) + draw.uniform(count, 1, 1, 1)
    bands = draw.chance(0.03, count, 1, 1, 1) * draw.between(0.03, 0.15, count, 1, 1, 1)
    gain = gain * (1 + bands * torch.sin(2 * math.pi * phase))
    images = (images * gain).clamp(0, 1) ** gamma
    images = (images - 0.5) * contrast + 0.5 + 0.03 * draw.normal(count, 1, 1, 1)
    saturation = draw.between(0.6, 1.25, count, 1, 1, 1) * ~draw.chance(0.01, count, 1, 1, 1)
    grey = images.mean(1, keepdim=True)
    return (grey + (images - grey) * saturation).clamp(0, 1)


def _noise(images: Tensor, exposure: Tensor, draw: Draw) -> Tensor:
    """Sensor noise, stronger where light was low, partly shared by neighbouring pixels."""
    count, channels, height, width = images.shape
    level = 0.018 * draw.uniform(count, 1, 1, 1) ** 2 + 0.03 * draw.chance(0.04, count, 1, 1, 1)
    level = level + 0.06 * draw.uniform(count, 1, 1, 1) * (0.9 - exposure).clamp(min=0)
    fine = draw.normal(count, channels, height, width)
    coarse = F.interpolate(draw.normal(count, channels, height // 2, width // 2), (height, width))
    return images + level * (0.7 * fine + 0.6 * coarse) * (0.5 + images)


def _jpeg(images: Tensor, draw: Draw) -> Tensor:
    """Quantise 8 x 8 cosine blocks of brightness and colour, as JPEG and video codecs do."""
    count, _, height, width = images.shape
    row = torch.arange(8, device=images.device)
    wave = torch.cos(math.pi * (2 * row[None] + 1) * row[:, None] / 16) / 2
    wave[0] /= math.sqrt(2)
    basis = torch.kron(wave, wave)
    luma = torch.einsum("ij,bjhw->bihw", TO_LUMA.to(images), images)
    blocks = F.pixel_unshuffle(luma, 8).view(count, 3, 64, -1)
    # Steps grow with frequency; colour is coarser.
    step = 0.03 + 0.012 * (row[:, None] + row).view(64, 1)
    channel = torch.tensor([1.0, 1.6, 1.6], device=images.device)[:, None, None]
    strength = 0.01 + 2.5 * draw.uniform(count, 1, 1, 1) ** 4
    step = step * channel * strength
    blocks = basis.T @ (torch.round(basis @ blocks / step) * step)
    luma = F.pixel_shuffle(blocks.view(count, -1, height // 8, width // 8), 8)
    return torch.einsum("ij,bjhw->bihw", TO_LUMA.inverse().to(images), luma)
