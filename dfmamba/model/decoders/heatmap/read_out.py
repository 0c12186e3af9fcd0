"""From the heatmap decoder's maps to joints."""

from collections.abc import Sequence

import torch
from torch import Tensor

from dfmamba.model.contracts import Hands
from dfmamba.model.decoders.heatmap.maps import HandMaps, position_maps

SOFT, PEAK = "soft", "peak"
READ_OUTS: Sequence[str] = (SOFT, PEAK)
"""How joints are read out of the maps, see `read_out`."""
WINDOW = 3
"""Cells on each side of the peak that the soft read-out takes in: twice the heatmap's sigma."""


def read_out(maps: HandMaps, input_size: int, method: str = SOFT) -> Hands:
    """The joints of the one hand in each crop of `input_size` pixels.

    peak is the paper's: the heatmap's highest cell, and the location map there. soft, the
    default, is the centroid of the squared heatmap around that cell, and the location map's mean
    under it: finer than a cell and steadier in time. The square and the window keep the map's
    floor and a second, lower peak from pulling.
    """
    heat = maps.heatmap.float().sigmoid()
    height, width = heat.shape[2:]
    peak = heat.flatten(2).max(dim=-1)
    reach = 0 if method == PEAK else WINDOW
    window = _window(peak.indices // width, height, reach)[..., None]
    window = window & _window(peak.indices % width, width, reach)[..., None, :]
    share = (heat.square() * window).flatten(2)
    share = share / share.sum(-1, keepdim=True).clamp_min(1e-12)
    places = position_maps(height, width, heat.device).flatten(1)
    joints_px = (share @ places.T + 1) / 2 * input_size
    joints = (maps.location.float().flatten(3) * share[:, :, None]).sum(-1)
    present, right = maps.hand.float().sigmoid().unbind(-1)
    parts = joints_px, joints - joints[:, :1], peak.values, present, right
    return Hands(*(part[:, None] for part in parts))


def _window(centre: Tensor, size: int, reach: int) -> Tensor:
    """Which of `size` cells lie within `reach` of the centres (...): (..., size) bool."""
    return (torch.arange(size, device=centre.device) - centre[..., None]).abs() <= reach
