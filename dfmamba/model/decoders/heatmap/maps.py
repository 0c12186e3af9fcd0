"""What the heatmap decoder makes of a pyramid."""

from typing import NamedTuple

import torch
from torch import Tensor


class HandMaps(NamedTuple):
    """Maps of the joints of one hand in each of B crops, h x w cells."""

    heatmap: Tensor
    """(B, 21, h, w): where each joint is, logits."""
    delta: Tensor
    """(B, 21, 3, h, w): the bone that leads to the joint, palm units."""
    location: Tensor
    """(B, 21, 3, h, w): the joint relative to the wrist, palm units."""
    hand: Tensor
    """(B, 2): that the crop shows a hand, and that it shows it as a right one, logits."""


def position_maps(height: int, width: int, device: torch.device) -> Tensor:
    """(2, height, width): the column and the row of each cell's centre, from -1 to 1."""
    rows = (torch.arange(height, device=device) + 0.5) / height * 2 - 1
    columns = (torch.arange(width, device=device) + 0.5) / width * 2 - 1
    return torch.stack([columns.expand(height, -1), rows[:, None].expand(-1, width)])
