"""The heatmap decoder for one hand (Zhou et al. 2020, DetNet) and its read-out.

From the map at stride 32 three deconvolutions lead to stride 4; to each of their outputs the
backbone's map of that stride is added, through a linear layer of its own (ours: of 128 px only
4 x 4 cells are left at stride 32, too few to tell places from). Three heads tell, for each joint,
where it is (heatmap), the bone that leads to it (delta) and its place in 3D (location); each head
also reads what the heads before it found. Delta and location are in units of the palm,
|wrist - middle MCP|, in the axes of a camera that faces the crop (`Crop.facing`); location is
relative to the wrist. A fourth head, on the average of stride 32, tells whether there is a hand at
all, and whether it is a right one (ours).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dfmamba.hand import JOINT_COUNT

Method = Literal["soft", "peak"]
"""How joints are read out of the maps, see `read_out`."""
WINDOW = 3
"""Cells on each side of the peak that the soft read-out takes in: twice the heatmap's sigma."""


class HandMaps(NamedTuple):
    """heatmap (B, 21, h, w), logits; delta and location (B, 21, 3, h, w), palm units.

    hand (B, 2), logits: that the crop shows a hand, and that it shows it as a right one.
    """

    heatmap: Tensor
    delta: Tensor
    location: Tensor
    hand: Tensor


@dataclass(frozen=True)
class HandReadout:
    """What the maps say of each joint.

    joints_px (B, 21, 2): crop pixels. joints (B, 21, 3): wrist-relative, palm units, facing the
    crop.
    peak (B, 21): the heatmap's highest value, 0 to 1. hand (B, 2): the probabilities that the crop
    shows a hand, and that it shows it as a right one.
    """

    joints_px: Tensor
    joints: Tensor
    peak: Tensor
    hand: Tensor


class JoinedConv2d(nn.Conv2d):
    """A convolution of several maps (B, C, H, W) that lie side by side.

    On a GPU zeros fill them up to a multiple of 8 channels, as its matrix units want.
    """

    def forward(self, maps: Sequence[Tensor]) -> Tensor:  # type: ignore[override]
        """All as `nn.Conv2d` takes one."""
        x, weight = maps[0], self.weight
        short = -self.in_channels % 8
        if x.is_cuda and short:
            zeros = x.new_zeros(len(x), short, *x.shape[2:])
            maps = [*maps, zeros.contiguous(memory_format=torch.channels_last)]
            weight = F.pad(weight, (0, 0, 0, 0, 0, short))
        out: Tensor = self._conv_forward(torch.cat(list(maps), dim=1), weight, self.bias)
        return out


def _up(width_in: int, width_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(width_in, width_out, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(width_out),
        nn.ReLU(),
    )


def _head(width_in: int, width: int, channels: int) -> nn.Sequential:
    return nn.Sequential(
        JoinedConv2d(width_in, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.Conv2d(width, channels, 1),
    )


def position_maps(height: int, width: int, device: torch.device) -> Tensor:
    """(2, height, width): the column and the row of each cell's centre, from -1 to 1."""
    rows = (torch.arange(height, device=device) + 0.5) / height * 2 - 1
    columns = (torch.arange(width, device=device) + 0.5) / width * 2 - 1
    return torch.stack([columns.expand(height, -1), rows[:, None].expand(-1, width)])


class HeatmapDecoder(nn.Module):
    """The map at stride 32 (B, C, H/32, W/32) and those at strides 4, 8, 16 to `HandMaps`."""

    def __init__(self, width_in: int, skip_widths: Sequence[int], width: int) -> None:
        super().__init__()
        self.ups = nn.ModuleList(_up(before, width) for before in (width_in, width, width))
        self.skips = nn.ModuleList(
            nn.Conv2d(each, width, 1, bias=False) for each in reversed(skip_widths)
        )
        features = width + 2
        self.heatmap = _head(features, width, JOINT_COUNT)
        self.delta = _head(features + JOINT_COUNT, width, 3 * JOINT_COUNT)
        self.location = _head(features + 4 * JOINT_COUNT, width, 3 * JOINT_COUNT)
        self.hand = nn.Linear(width_in, 2)
        # Most cells hold no joint: start near 0.01 rather than 0.5.
        nn.init.constant_(self.heatmap[-1].bias, -4.5)  # type: ignore[arg-type]

    def forward(self, x: Tensor, skips: Sequence[Tensor]) -> HandMaps:
        """(B, C, h/8, w/8) and three maps of h x w, h/2 x w/2, h/4 x w/4 to maps of h x w."""
        hand = self.hand(x.mean((2, 3)))
        for up, skip, beside in zip(self.ups, self.skips, reversed(skips), strict=True):
            x = up(x) + skip(beside)
        height, width = x.shape[2:]
        places = position_maps(height, width, x.device).to(x.dtype)
        # In the layout of the other maps, or all would be copied to lie side by side.
        places = places.expand(len(x), -1, -1, -1).contiguous(memory_format=torch.channels_last)
        found = [x, places]
        heatmap = self.heatmap(found)
        found.append(heatmap.sigmoid())
        delta = self.delta(found)
        location = self.location([*found, delta])
        delta, location = (each.unflatten(1, (JOINT_COUNT, 3)) for each in (delta, location))
        return HandMaps(heatmap, delta, location, hand)


def read_out(maps: HandMaps, input_size: int, method: Method = "soft") -> HandReadout:
    """Joints from maps.

    peak is the paper's: the heatmap's highest cell, and the location map there. soft, the
    default, is the centroid of the squared heatmap around that cell, and the location map's mean
    under it: finer than a cell and steadier in time. The square and the window keep the map's
    floor and a second, lower peak from pulling.
    """
    heat = maps.heatmap.float().sigmoid()
    height, width = heat.shape[2:]
    peak = heat.flatten(2).max(dim=-1)
    reach = 0 if method == "peak" else WINDOW
    window = _window(peak.indices // width, height, reach)[..., None]
    window = window & _window(peak.indices % width, width, reach)[..., None, :]
    share = (heat.square() * window).flatten(2)
    share = share / share.sum(-1, keepdim=True).clamp_min(1e-12)
    places = position_maps(height, width, heat.device).flatten(1)
    joints_px = (share @ places.T + 1) / 2 * input_size
    joints = (maps.location.float().flatten(3) * share[:, :, None]).sum(-1)
    return HandReadout(joints_px, joints - joints[:, :1], peak.values, maps.hand.float().sigmoid())


def _window(centre: Tensor, size: int, reach: int) -> Tensor:
    """Which of `size` cells lie within `reach` of the centres (...): (..., size) bool."""
    return (torch.arange(size, device=centre.device) - centre[..., None]).abs() <= reach
