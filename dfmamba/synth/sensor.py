"""What a camera does to a picture: blur, low resolution, colour, noise, compression."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.draw import Draw

KERNEL = 9


def sense(images: Tensor, draw: Draw) -> Tensor:
    """Degrade display-ready pictures (B, 3, S, S) in 0 to 1, each in its own way."""
    images = _blur(images, draw)
    images = _low_resolution(images, draw)
    images = _colour(images, draw)
    images = _noise(images, draw)
    return _jpeg(images, draw).clamp(0, 1)


def _blur(images: Tensor, draw: Draw) -> Tensor:
    """Defocus and motion in one: a Gaussian of any direction and two widths; some sharpened."""
    count = len(images)
    wide = torch.where(draw.chance(0.35, count), draw.between(0.3, 2.2, count), 0.25)
    narrow = torch.where(draw.chance(0.5, count), wide, draw.between(0.25, 0.6, count))
    angle = draw.between(0, math.pi, count)
    offset = torch.arange(KERNEL, device=draw.device) - KERNEL // 2
    y, x = torch.meshgrid(offset.float(), offset.float(), indexing="ij")
    c, s = angle.cos()[:, None, None], angle.sin()[:, None, None]
    along, across = c * x + s * y, c * y - s * x
    wide, narrow = wide[:, None, None], narrow[:, None, None]
    kernel = torch.exp(-0.5 * ((along / wide) ** 2 + (across / narrow) ** 2))
    kernel = kernel / kernel.sum((1, 2), keepdim=True)
    sharpen = torch.where(draw.chance(0.2, count), draw.between(0, 1, count), 0.0)
    blurred = _convolve(images, kernel)
    return torch.lerp(blurred, images, sharpen[:, None, None, None] * 2)


def _convolve(images: Tensor, kernel: Tensor) -> Tensor:
    """Each picture (B, 3, S, S) with its own kernel (B, k, k)."""
    count, channels, height, width = images.shape
    weight = kernel.repeat_interleave(channels, 0)[:, None].to(images)
    padded = F.pad(images, [KERNEL // 2] * 4, mode="replicate").flatten(0, 1)[None]
    return F.conv2d(padded, weight, groups=count * channels).view(count, channels, height, width)


def _low_resolution(images: Tensor, draw: Draw) -> Tensor:
    """Some pictures through fewer pixels, as a hand far away."""
    count, size = len(images), images.shape[-1]
    for share, smaller in ((0.12, size // 2), (0.05, size // 3)):
        small = F.interpolate(images, (smaller, smaller), mode="area")
        back = F.interpolate(small, (size, size), mode="bilinear")
        images = torch.where(draw.chance(share, count, 1, 1, 1), back, images)
    return images


def _colour(images: Tensor, draw: Draw) -> Tensor:
    """White balance, gamma, contrast, brightness, saturation; a few in grey."""
    count = len(images)
    gain = 1 + 0.1 * draw.normal(count, 3, 1, 1)
    gamma = torch.exp(0.25 * draw.normal(count, 1, 1, 1))
    contrast = 1 + 0.15 * draw.normal(count, 1, 1, 1)
    brightness = 0.06 * draw.normal(count, 1, 1, 1)
    images = (images * gain).clamp(0, 1) ** gamma
    images = (images - 0.5) * contrast + 0.5 + brightness
    saturation = draw.between(0.5, 1.4, count, 1, 1, 1) * ~draw.chance(0.03, count, 1, 1, 1)
    grey = images.mean(1, keepdim=True)
    return (grey + (images - grey) * saturation).clamp(0, 1)


def _noise(images: Tensor, draw: Draw) -> Tensor:
    """Sensor noise, stronger in a few, partly shared by neighbouring pixels."""
    count, channels, height, width = images.shape
    level = 0.03 * draw.uniform(count, 1, 1, 1) ** 2 + 0.05 * draw.chance(0.08, count, 1, 1, 1)
    fine = draw.normal(count, channels, height, width)
    coarse = F.interpolate(draw.normal(count, channels, height // 2, width // 2), (height, width))
    return images + level * (0.7 * fine + 0.6 * coarse) * (0.5 + images)


def _jpeg(images: Tensor, draw: Draw) -> Tensor:
    """Quantise 8 x 8 cosine blocks of brightness and colour, as JPEG and video codecs do."""
    count, _, height, width = images.shape
    row = torch.arange(8, device=images.device)
    basis = torch.cos(math.pi * (2 * row[None] + 1) * row[:, None] / 16) / 2
    basis[0] /= math.sqrt(2)
    to_luma = torch.tensor(
        [[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]], device=images.device
    )
    luma = torch.einsum("ij,bjhw->bihw", to_luma, images)
    blocks = luma.unfold(2, 8, 8).unfold(3, 8, 8)
    waves = basis @ blocks @ basis.T
    # Steps grow with frequency; colour is coarser.
    step = 0.03 + 0.012 * (row[:, None] + row[None])
    channel = torch.tensor([1.0, 1.6, 1.6], device=images.device)[:, None, None, None, None]
    strength = torch.where(draw.chance(0.6, count), draw.between(0.1, 3.0, count), 0.01)
    step = step * channel * strength[:, None, None, None, None, None]
    blocks = basis.T @ (torch.round(waves / step) * step) @ basis
    luma = blocks.permute(0, 1, 2, 4, 3, 5).reshape(count, 3, height, width)
    return torch.einsum("ij,bjhw->bihw", torch.linalg.inv(to_luma), luma)
