"""What the network learns from: pictures, and what is known of each."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor

from dfmamba.synth import TrainingBatch
from dfmamba.synth.hand.hand_model import palm_units
from dfmamba.synth.resize import resized


class Batch(NamedTuple):
    """B pictures (B, 3, S, S), RGB, 0 to 1, and their labels; each (B,) is a weight from 0 to 1.

    joints_px (B, 21, 2): crop pixels, and image (B,): how much they count. joints (B, 21, 3):
    wrist-relative, palm units, facing the crop, and space (B,): how much they count. present (B,):
    whether there is a hand. right (B,): whether it is shown as a right one, as the network expects.
    """

    images: Tensor
    joints_px: Tensor
    image: Tensor
    joints: Tensor
    space: Tensor
    present: Tensor
    right: Tensor

    def sized(self, size: int) -> "Batch":
        """The same pictures of `size` x `size` pixels."""
        edge = self.images.shape[-1]
        if size == edge:
            return self
        images = resized(self.images, size)
        return self._replace(images=images, joints_px=self.joints_px * (size / edge))


MakeBatch: TypeAlias = Callable[[int], Batch]
"""Draws a batch of so many pictures."""

MIRRORED = 0.08
"""Share of the pictures shown as the wrong hand, for the network to notice."""


def synthetic(pictures: TrainingBatch) -> Batch:
    """Made pictures, of which everything is known."""
    present = pictures.present.float()
    return Batch(
        images=pictures.images,
        joints_px=pictures.joints_px,
        image=present,
        joints=palm_units(pictures.joints_mm),
        space=present,
        present=present,
        right=torch.ones_like(present),
    )


def joined(batches: Sequence[Batch]) -> Batch:
    """One batch of all the pictures."""
    return Batch(*(torch.cat(parts) for parts in zip(*batches, strict=True)))


def some_mirrored(batch: Batch, share: float = MIRRORED) -> Batch:
    """About `share` of the pictures mirrored: hands of the wrong side, without joints."""
    count = len(batch.images)
    every = max(round(1 / share), 1)
    start = int(torch.randint(every, (1,)))
    chosen = torch.arange(count, device=batch.images.device) % every == start
    images = torch.where(chosen[:, None, None, None], batch.images.flip(-1), batch.images)
    kept = (~chosen).float()
    return batch._replace(
        images=images,
        image=batch.image * kept,
        space=batch.space * kept,
        right=batch.right * kept,
    )
