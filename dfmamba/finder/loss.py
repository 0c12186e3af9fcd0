"""What the finder's maps should be, and what it costs when they are not.

Centres learn by the penalty-reduced focal loss (Law and Deng 2018; CenterNet). The rest is learned
in the cells about each centre, where a peak may come to lie too. Each hand counts alike, however
many cells it covers, and lengths count as shares of the hand: a far hand is worth a near one.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.finder.frames import Hands
from dfmamba.finder.network import STRIDE, FinderMaps

SPREAD = 0.09
"""The standard deviation of a centre, of the hand's longer side; clasped palms lie 0.2 apart."""
LEAST_CELLS = 0.9
"""The least standard deviation, in cells."""
AROUND = 0.5
"""Where the centre's target is above this, the rest of the hand is learned too."""
CENTRE, OFFSET, BOX, DIRECTION, SIDE = 1.0, 1.0, 2.0, 0.3, 0.3
"""Weights of the terms."""
FORESHORTENED = 0.3
"""A palm shorter than this, of the hand's longer side, points at the camera: its direction counts
less."""
BEYOND = 0.1
"""How far beyond its box a hand to be ignored is ignored, of its longer side."""


class Targets(NamedTuple):
    """Of maps of h x w cells.

    centre: (B, h, w), 1 in the cells of palms, falling off around them.
    here: (B, K, h, w), how much a cell counts for a hand, of each hand 1 in all.
    taught: (B, h, w), 1 where the centre is learned, 0 where it is ignored.
    """

    centre: Tensor
    here: Tensor
    taught: Tensor


def cells(height: int, width: int, device: torch.device) -> Tensor:
    """The middles of cells (h, w, 2), px."""
    y = torch.arange(height, device=device) + 0.5
    x = torch.arange(width, device=device) + 0.5
    return STRIDE * torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)


def targets(hands: Hands, height: int, width: int) -> Targets:
    """What maps of `height` x `width` cells should show."""
    places = cells(height, width, hands.palm.device)
    # From the middle of the palm's cell, so that one cell is exactly at the peak.
    peak = ((hands.palm / STRIDE).floor() + 0.5) * STRIDE
    apart = (places - peak[:, :, None, None]).square().sum(-1)
    wide = (SPREAD * hands.side).clamp(min=LEAST_CELLS * STRIDE)[..., None, None]
    rise = torch.exp(-0.5 * apart / wide**2) * hands.counts[..., None, None]
    centre, owner = rise.max(1)
    near = centre * (centre > AROUND)
    # No one_hot: outside a compiled step it waits for the GPU, which no graph can record.
    every = torch.arange(hands.palm.shape[1], device=owner.device)[:, None, None]
    mine = (owner[:, None] == every) * near[:, None]
    here = mine / mine.sum((2, 3), keepdim=True).clamp(min=1e-6)
    reach = BEYOND * hands.side[..., None]
    low, high = hands.box[..., :2] - reach, hands.box[..., 2:] + reach
    inside = (places >= low[:, :, None, None]) & (places <= high[:, :, None, None])
    blind = (inside.all(-1) * hands.ignored[..., None, None]).amax(1)
    return Targets(centre, here, torch.where(centre > AROUND, 1.0, 1.0 - blind))


def finder_loss(maps: FinderMaps, hands: Hands) -> dict[str, Tensor]:
    """The weighted terms by name; their sum is the loss."""
    height, width = maps.centre.shape[1:]
    target = targets(hands, height, width)
    many = hands.counts.sum().clamp(min=1.0)
    size = hands.side
    away = hands.palm[:, :, None, None] - cells(height, width, hands.palm.device)
    offset = (STRIDE * maps.offset[:, None] - away.permute(0, 1, 4, 2, 3)).abs().mean(2)
    true = torch.cat([hands.palm - hands.box[..., :2], hands.box[..., 2:] - hands.palm], -1)
    box = (maps.box[:, None] - true[..., None, None]).abs().mean(2)
    length = hands.along.norm(dim=-1)
    clear = (length / (FORESHORTENED * size)).clamp(max=1.0)
    way = F.normalize(hands.along, dim=-1)[..., None, None]
    turned = 1 - (F.normalize(maps.direction, dim=1)[:, None] * way).sum(2)
    right = hands.right[..., None, None].expand_as(target.here)
    side = F.binary_cross_entropy_with_logits(
        maps.right[:, None].expand_as(right), right, reduction="none"
    )

    def of_hands(error: Tensor, weight: Tensor) -> Tensor:
        """The mean over all hands of errors (B, K, h, w), weighted (B, K)."""
        return ((error * target.here).sum((2, 3)) * weight).sum() / many

    return {
        "centre": CENTRE * _focal(maps.centre, target) / many,
        "offset": OFFSET * of_hands(offset, 1 / size),
        "box": BOX * of_hands(box, 1 / size),
        "direction": DIRECTION * of_hands(turned, clear),
        "side": SIDE * of_hands(side, hands.sided),
    }


def _focal(logits: Tensor, target: Targets) -> Tensor:
    likely = logits.sigmoid()
    is_peak = target.centre > 1 - 1e-4
    found = (1 - likely).square() * F.logsigmoid(logits)
    empty = (1 - target.centre) ** 4 * likely.square() * F.logsigmoid(-logits)
    return -(torch.where(is_peak, found, empty) * target.taught).sum()
