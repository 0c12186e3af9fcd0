"""Crops as a tracker might lay them: turned, scaled and moved windows of wider pictures."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.draw import Draw
from dfmamba.synth.scene import View, facing


@dataclass(frozen=True)
class CropJitter:
    """How a crop differs from the one around the joints' bounding box."""

    scale: tuple[float, float] = (0.85, 1.4)
    """Limits of the factor of its edge."""
    shift: float = 0.15
    """The most it is moved to each side, of its edge."""
    turn_deg: float = 20.0
    """Spread of its turn, degrees."""
    any_way: float = 0.2
    """Share of crops turned by any angle."""
    astray: float = 0.08
    """Share of crops that a tracker has lost in part, with twice the shift."""


class Window(NamedTuple):
    """B crops of wider pictures, by a linear map from crop to picture; both reach from -1 to 1."""

    linear: Tensor
    """(B, 2, 2): turn and scale."""
    middle: Tensor
    """(B, 2): the crops' middles."""

    def cut(self, pictures: Tensor, size: int) -> Tensor:
        """Pictures (B, C, E, E) to crops (B, C, size, size); zeros outside."""
        theta = torch.cat([self.linear, self.middle[..., None]], 2).to(pictures)
        grid = F.affine_grid(theta, [len(pictures), 1, size, size], align_corners=False)
        return F.grid_sample(pictures, grid, align_corners=False)

    def place(self, points_px: Tensor, edge: int, size: int) -> Tensor:
        """Points (B, N, 2) in pictures of `edge` pixels to pixels of crops of `size`."""
        places = points_px * (2 / edge) - 1 - self.middle[:, None]
        return (places @ self.linear.mT.inverse() + 1) * (size / 2)

    def seen(self, points: Tensor, view: View, edge: int) -> Tensor:
        """Camera points (B, N, 3) of the pictures in the frame of a camera that faces the crop.

        It is turned with the crop and looks at its middle: a crop does not show where in the
        picture it was cut out. view: of the pictures, which are `edge` pixels wide.
        """
        middle = (self.middle + 1) * (edge / 2)
        slopes = ((middle - view.centre) / view.focal[:, None])[:, None] @ self._turn()
        return self.turned(points) @ facing(slopes[:, 0]).mT

    def turned(self, points: Tensor) -> Tensor:
        """Points (B, N, 3) turned about the line of sight, as the crops are."""
        return torch.cat([points[..., :2] @ self._turn(), points[..., 2:]], -1)

    def _turn(self) -> Tensor:
        return self.linear / self.linear.det().sqrt()[:, None, None]


def random_window(draw: Draw, count: int, margin: float, jitter: CropJitter) -> Window:
    """Windows of pictures whose edge is `margin` crops' edges, around their middle."""
    turn = math.radians(jitter.turn_deg) * draw.normal(count)
    anyhow = draw.between(-math.pi, math.pi, count)
    turn = torch.where(draw.chance(jitter.any_way, count), anyhow, turn)
    half = draw.between(*jitter.scale, count) / margin
    shift = jitter.shift * (1 + draw.chance(jitter.astray, count, 1))
    middle = 2 * shift * half[:, None] * draw.between(-1, 1, count, 2)
    c, s = half * turn.cos(), half * turn.sin()
    return Window(torch.stack([torch.stack([c, -s], 1), torch.stack([s, c], 1)], 1), middle)
