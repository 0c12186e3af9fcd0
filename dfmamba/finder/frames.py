"""What the finder learns from: whole frames, and the hands in each."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from dfmamba.hand import MIDDLE_MCP, PALM, WRIST

MOST_HANDS = 8
"""That a frame can hold in training, those to be ignored counted in."""


class Hands(NamedTuple):
    """Up to `MOST_HANDS` hands K in each of B square frames of S x S pixels.

    palm: (B, K, 2), the middle of the palm, px, moved into the frame where it lies beyond.
    box: (B, K, 4), left, top, right, bottom of all 21 joints, px, also beyond the frame.
    along: (B, K, 2), from the wrist to the middle finger's knuckle, px; short where foreshortened.
    right: (B, K), 1 for a person's right hand, 0 for a left one.
    counts: (B, K), 1 for a hand to be found, 0 for none.
    ignored: (B, K), 1 for a place where a hand may or may not be found: one hidden for the most
    part, too small, or of whose label nobody is sure; `box` says where.
    sided: (B, K), how much the side counts, 0 to 1.
    """

    palm: Tensor
    box: Tensor
    along: Tensor
    right: Tensor
    counts: Tensor
    ignored: Tensor
    sided: Tensor

    @property
    def side(self) -> Tensor:
        """The boxes' longer sides (B, K), px, at least 1."""
        return (self.box[..., 2:] - self.box[..., :2]).amax(-1).clamp(min=1.0)


class Frames(NamedTuple):
    """B RGB frames (B, 3, S, S), 0 to 1, and their hands: the fields of `Hands`, flat."""

    images: Tensor
    palm: Tensor
    box: Tensor
    along: Tensor
    right: Tensor
    counts: Tensor
    ignored: Tensor
    sided: Tensor

    @property
    def hands(self) -> Hands:
        """The hands by themselves."""
        return Hands(*self[1:])


def joined(batches: Sequence[Frames]) -> Frames:
    """One batch of all the frames."""
    return Frames(*(torch.cat(parts) for parts in zip(*batches, strict=True)))


def hands_of(joints_px: Tensor, right: Tensor, counts: Tensor, ignored: Tensor, size: int) -> Hands:
    """Hands of joints (B, K, 21, 2) in frames of `size` pixels; the rest is (B, K)."""
    palm = joints_px[:, :, list(PALM)].mean(2)
    return Hands(
        palm=palm.clamp(0.5, size - 0.5),
        box=torch.cat([joints_px.amin(2), joints_px.amax(2)], -1),
        along=joints_px[:, :, MIDDLE_MCP] - joints_px[:, :, WRIST],
        right=right,
        counts=counts,
        ignored=ignored,
        sided=counts,
    )
