"""From the finder's maps to hands: the peaks, without doubles, with all that belongs to each."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dfmamba.finder.network import STRIDE, FinderMaps

MOST = 8
"""Hands that are found in a frame, the likeliest."""
LEAST_SCORE = 0.3
APART = 0.15
"""Two peaks nearer than this, of the smaller hand's longer side, are of one hand. Boxes are not
asked: those of clasped hands are the same."""

Doubles = NDArray[np.float64]


class Found(NamedTuple):
    """N hands in a frame, the likeliest first; pixels of the frame that the network was given.

    score: (N,), 0 to 1, how likely there is a hand.
    palm: (N, 2), the middle of the palm.
    box: (N, 4), left, top, right, bottom of the joints, also beyond the frame.
    direction: (N, 2), unit, from the wrist to the middle finger's knuckle.
    right: (N,), 0 to 1, how likely it is the person's right hand.
    """

    score: Doubles
    palm: Doubles
    box: Doubles
    direction: Doubles
    right: Doubles

    def rows(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> "Found":
        """Some of the hands."""
        return Found(*(part[index] for part in self))

    def scaled(self, scale: float) -> "Found":
        """The same hands in a frame `scale` times as large."""
        return self._replace(palm=self.palm * scale, box=self.box * scale)


@torch.inference_mode()
def decoded(maps: FinderMaps, least_score: float = LEAST_SCORE) -> list[Found]:
    """The hands in each of B frames."""
    score = maps.centre.sigmoid()
    peaks = score * (score == F.max_pool2d(score[:, None], 3, 1, 1)[:, 0])
    best, cell = peaks.flatten(1).topk(min(2 * MOST, peaks[0].numel()))
    width = score.shape[2]
    middle = torch.stack([cell % width, cell // width], -1) + 0.5

    def at(values: Tensor) -> Tensor:
        """Of values (B, n, h, w) those at the peaks (B, N, n)."""
        index = cell[:, None].expand(-1, values.shape[1], -1)
        return values.flatten(2).gather(2, index).mT

    palm = STRIDE * (middle + at(maps.offset))
    reach = at(maps.box)
    box = torch.cat([palm - reach[..., :2], palm + reach[..., 2:]], -1)
    direction = F.normalize(at(maps.direction), dim=-1)
    right = at(maps.right[:, None])[..., 0].sigmoid()
    columns = [each.double().cpu().numpy() for each in (best, palm, box, direction, right)]
    every = [Found(*(column[row] for column in columns)) for row in range(len(best))]
    return [_once(found.rows(found.score >= least_score)) for found in every]


def _once(found: Found) -> Found:
    """Without the weaker ones of peaks that are of one hand."""
    size = (found.box[:, 2:] - found.box[:, :2]).max(1, initial=1.0)
    kept: list[int] = []
    for row in range(len(size)):
        apart = np.linalg.norm(found.palm[kept] - found.palm[row], axis=1)
        if (apart >= APART * np.minimum(size[kept], size[row])).all():
            kept.append(row)
    return found.rows(np.array(kept[:MOST], np.intp))
