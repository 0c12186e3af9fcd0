"""The heatmap decoder for one hand (Zhou et al. 2020, DetNet) and its read-out.

From the map at stride 32 three deconvolutions lead to stride 4. Three heads tell, for each joint,
where it is (heatmap), the bone that leads to it (delta) and its place in 3D (location); each head
also reads what the heads before it found. Delta and location are in units of the palm,
|wrist - middle MCP|, in camera axes; location is relative to the wrist.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from dfmamba.hand import JOINT_COUNT

WINDOW = 3
"""Cells on each side of the peak that the soft read-out takes in: twice the heatmap's sigma."""


class HandMaps(NamedTuple):
    """heatmap (B, 21, h, w), logits; delta and location (B, 21, 3, h, w), palm units."""

    heatmap: Tensor
    delta: Tensor
    location: Tensor


@dataclass(frozen=True)
class HandReadout:
    """What the maps say of each joint.

    joints_px (B, 21, 2): crop pixels. joints (B, 21, 3): wrist-relative, palm units, camera axes.
    confidence (B, 21): the heatmap's peak, 0 to 1.
    """

    joints_px: Tensor
    joints: Tensor
    confidence: Tensor


def _up(width_in: int, width_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(width_in, width_out, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(width_out),
        nn.ReLU(),
    )


def _head(width_in: int, width: int, channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width_in, width, 3, padding=1, bias=False),
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
    """The map at stride 32 (B, C, H/32, W/32) to `HandMaps` at stride 4."""

    def __init__(self, width_in: int, width: int) -> None:
        super().__init__()
        self.ups = nn.Sequential(_up(width_in, width), _up(width, width), _up(width, width))
        features = width + 2
        self.heatmap = _head(features, width, JOINT_COUNT)
        self.delta = _head(features + JOINT_COUNT, width, 3 * JOINT_COUNT)
        self.location = _head(features + 4 * JOINT_COUNT, width, 3 * JOINT_COUNT)
        # Most cells hold no joint: start near 0.01 rather than 0.5.
        nn.init.constant_(self.heatmap[-1].bias, -4.5)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> HandMaps:
        """(B, C, h/8, w/8) to maps of h x w."""
        x = self.ups(x)
        height, width = x.shape[2:]
        places = position_maps(height, width, x.device).to(x.dtype)
        x = torch.cat([x, places.expand(len(x), -1, -1, -1)], dim=1)
        x = x.contiguous(memory_format=torch.channels_last)
        heatmap = self.heatmap(x)
        x = torch.cat([x, heatmap.sigmoid()], dim=1)
        delta = self.delta(x)
        location = self.location(torch.cat([x, delta], dim=1))
        return HandMaps(
            heatmap, *(each.unflatten(1, (JOINT_COUNT, 3)) for each in (delta, location))
        )


def read_out(
    maps: HandMaps, input_size: int, method: Literal["soft", "peak"] = "soft"
) -> HandReadout:
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
    return HandReadout(joints_px, joints - joints[:, :1], peak.values)


def _window(centre: Tensor, size: int, reach: int) -> Tensor:
    """Which of `size` cells lie within `reach` of the centres (...): (..., size) bool."""
    return (torch.arange(size, device=centre.device) - centre[..., None]).abs() <= reach
