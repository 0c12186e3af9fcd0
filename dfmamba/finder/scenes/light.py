"""What rooms and cameras do to whole frames that crops hardly show: tints, grey, infrared, dusk."""

import torch
from torch import Tensor

from dfmamba.synth.draw import Draw

TINTED, GREY, INFRARED, DUSK, VIGNETTED = 0.12, 0.08, 0.04, 0.08, 0.15
"""Shares of the frames under coloured lamps, from cameras without colour, from infrared ones with
their own lamp, in low light, darker in the corners."""


def lit_oddly(images: Tensor, draw: Draw) -> Tensor:
    """Frames (B, 3, S, S), 0 to 1, some of them in another light or by another camera."""
    count, size = len(images), images.shape[-1]

    def some(share: float) -> Tensor:
        return draw.chance(share, count, 1, 1, 1)

    vivid = draw.uniform(count, 3, 1, 1)
    vivid = vivid / vivid.amax(1, keepdim=True)
    strength = draw.between(0.2, 0.8, count, 1, 1, 1)
    images = torch.where(some(TINTED), images * (1 - strength * (1 - vivid)), images)
    axis = (torch.arange(size, device=draw.device) + 0.5) / size * 2 - 1
    radius = axis.square() + axis.square()[:, None]
    dark = 1 - draw.between(0.1, 0.45, count, 1, 1, 1) * radius / 2
    images = torch.where(some(VIGNETTED), images * dark, images)
    grey = images.mean(1, keepdim=True).expand_as(images)
    images = torch.where(some(GREY), grey, images)
    # Skin is bright in infrared, and a lamp at the camera lights the middle.
    red = images[:, :1] ** 0.6 * (1.15 - 0.45 * radius)
    images = torch.where(some(INFRARED), red.expand_as(images), images)
    dusk = images * draw.between(0.2, 0.5, count, 1, 1, 1)
    return torch.where(some(DUSK), dusk, images).clamp(0, 1)
