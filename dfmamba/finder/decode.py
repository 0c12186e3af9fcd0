"""From the finder's maps to hands: the peaks, without doubles, with all that belongs to each."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dfmamba.finder.network import PARTS, STRIDE, FinderMaps

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

    @property
    def size(self) -> Doubles:
        """(N,): the boxes' longer sides, at least 1."""
        return np.asarray((self.box[:, 2:] - self.box[:, :2]).max(1, initial=1.0))

    def rows(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> "Found":
        """Some of the hands."""
        return Found(*(part[index] for part in self))

    def moved(self, scale: float, x: float, y: float) -> "Found":
        """The same hands where pixel (0, 0) is at (x, y) of a frame `scale` times as large."""
        start = np.array([x, y])
        return self._replace(
            palm=self.palm * scale + start, box=self.box * scale + np.tile(start, 2)
        )


def decoded(maps: FinderMaps, least_score: float = LEAST_SCORE) -> list[Found]:
    """The hands in each of B frames."""
    return [hands_of(rows, least_score) for rows in peaks(maps).cpu().numpy()]


@torch.inference_mode()
def peaks(maps: FinderMaps) -> Tensor:
    """The likeliest cells of each frame, more than hands: (B, P, 10), the fields of `Found`."""
    score = maps.centre.sigmoid()
    alone = score * (score == F.max_pool2d(score[:, None], 3, 1, 1)[:, 0])
    best, cell = alone.flatten(1).topk(min(2 * MOST, alone[0].numel()))
    width = score.shape[2]
    middle = torch.stack([cell % width, cell // width], -1) + 0.5
    values = torch.cat([maps.offset, maps.box, maps.direction, maps.right[:, None]], 1)
    index = cell[:, None].expand(-1, values.shape[1], -1)
    there = values.flatten(2).gather(2, index).mT
    offset, reach, direction, right = torch.split(there, list(PARTS[1:]), -1)
    palm = STRIDE * (middle + offset)
    return torch.cat(
        [
            best[..., None],
            palm,
            palm - reach[..., :2],
            palm + reach[..., 2:],
            F.normalize(direction, dim=-1),
            right.sigmoid(),
        ],
        -1,
    )


def hands_of(rows: NDArray[np.float32], least_score: float = LEAST_SCORE) -> Found:
    """The hands of one frame's peaks (P, 10), without those less likely and the weaker doubles."""
    likely = np.asarray(rows[rows[:, 0] >= least_score], np.float64)
    score, palm, box, direction, right = np.split(likely, (1, 3, 7, 9), axis=1)
    return once(Found(score[:, 0], palm, box, direction, right[:, 0]))


def once(found: Found, apart: float = APART) -> Found:
    """Without the weaker ones of peaks that are of one hand, and no more than `MOST`."""
    size = found.size
    kept: list[int] = []
    for row in np.argsort(-found.score, kind="stable"):
        away = np.linalg.norm(found.palm[kept] - found.palm[row], axis=1)
        if (away >= apart * np.minimum(size[kept], size[row])).all():
            kept.append(int(row))
    return found.rows(np.array(kept[:MOST], np.intp))


def joined(parts: Sequence[Found]) -> Found:
    """All of them as one."""
    return Found(*(np.concatenate(column) for column in zip(*parts, strict=True)))
