"""Batches of training pictures: made ones, joined, mirrored, of another size."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch

from dfmamba.hand import JOINT_COUNT
from dfmamba.metrics import palm_units
from dfmamba.model.targets import Batch
from dfmamba.synth import TrainingBatch
from dfmamba.synth.resize import resized

MakeBatch: TypeAlias = Callable[[int], Batch]
"""Draws a batch of so many pictures."""


def synthetic(pictures: TrainingBatch) -> Batch:
    """Made pictures, of which everything is known."""
    present = pictures.present.float()
    joints = present[:, None].expand(-1, JOINT_COUNT)
    return Batch(
        images=pictures.images,
        joints_px=pictures.joints_px,
        weight_2d=joints,
        joints=palm_units(pictures.joints_mm),
        weight_3d=joints,
        present=present,
        weight_present=torch.ones_like(present),
        right=torch.ones_like(present),
        weight_right=present,
    )


def sized(batch: Batch, size: int) -> Batch:
    """The same pictures of `size` x `size` pixels."""
    edge = batch.images.shape[-1]
    if size == edge:
        return batch
    images = resized(batch.images, size)
    return batch._replace(images=images, joints_px=batch.joints_px * (size / edge))


def joined(batches: Sequence[Batch]) -> Batch:
    """One batch of all the pictures."""
    return Batch(*(torch.cat(parts) for parts in zip(*batches, strict=True)))


def some_mirrored(batch: Batch, share: float) -> Batch:
    """About `share` of the pictures mirrored: hands of the wrong side, without joints."""
    if not share:
        return batch
    count = len(batch.images)
    every = max(round(1 / share), 1)
    start = int(torch.randint(every, (1,)))
    chosen = torch.arange(count, device=batch.images.device) % every == start
    images = torch.where(chosen[:, None, None, None], batch.images.flip(-1), batch.images)
    kept = (~chosen).float()
    return batch._replace(
        images=images,
        weight_2d=batch.weight_2d * kept[:, None],
        weight_3d=batch.weight_3d * kept[:, None],
        right=batch.right * kept,
    )
