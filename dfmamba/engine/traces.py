"""What all deformable layers did as one row of numbers for each hand: one copy off the GPU."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.model import ScanTrace

Seen = tuple[Tensor, Tensor, Tensor]
"""A layer's offsets (B, L, K, 2), weights (B, L, K) and dt before its softplus (B, L, D)."""


def packed(layers: Sequence[Seen]) -> Tensor:
    """(B, numbers) float32: each layer's offsets, weights and step, one after another."""
    parts = [
        part.flatten(1).float()
        for offsets, weights, dt in layers
        for part in (offsets, weights, F.softplus(dt.float()).mean(-1))
    ]
    return torch.cat(parts, dim=1) if parts else torch.zeros(1, 0)


def unpacked(rows: Tensor, layers: Sequence[Seen], anchors: Sequence[Tensor]) -> list[ScanTrace]:
    """The traces that `packed` laid into `rows`, as views; anchors: those of each layer (K, 2)."""
    shapes = [each.shape[1:] for offsets, weights, dt in layers for each in (offsets, weights, dt)]
    shapes[2::3] = [shape[:1] for shape in shapes[2::3]]  # one step for each token
    split = torch.split(rows, [shape.numel() for shape in shapes], dim=1)
    parts = [torch.unflatten(part, 1, shape) for part, shape in zip(split, shapes, strict=True)]
    traces = []
    for layer, places in enumerate(anchors):
        offsets, weights, step = parts[3 * layer : 3 * layer + 3]
        tokens = step.shape[1]
        side = round(tokens**0.5)
        order = torch.arange(tokens)
        traces.append(ScanTrace(side, side, places, offsets, weights, step, order))
    return traces
