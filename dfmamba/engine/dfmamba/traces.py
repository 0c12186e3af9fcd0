"""What all deformable layers did as one row of numbers for each hand: one copy off the GPU."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dfmamba.model import ScanTrace
from dfmamba.model.backbones.dfmamba import DFMamba

Seen = tuple[Tensor, Tensor, Tensor]
"""A layer's offsets (B, L, K, 2), weights (B, L, K) and dt before its softplus (B, L, D)."""


def anchors_of(backbone: DFMamba) -> list[NDArray[np.float32]]:
    """Those of each deformable layer (K, 2), in the order in which the layers run."""
    return [each.anchors.cpu().numpy() for each in backbone.scan_layers if each.deformable]


def packed(layers: Sequence[Seen]) -> Tensor:
    """(B, numbers) float32: each layer's offsets, weights and step, one after another."""
    parts = [
        part.flatten(1).float()
        for offsets, weights, dt in layers
        for part in (offsets, weights, F.softplus(dt.float()).mean(-1))
    ]
    return torch.cat(parts, dim=1) if parts else torch.zeros(1, 0)


def unpacked(
    rows: NDArray[np.float32], layers: Sequence[Seen], anchors: Sequence[NDArray[np.float32]]
) -> list[ScanTrace]:
    """The traces that `packed` laid into `rows`, as views; anchors: those of each layer (K, 2)."""
    # In NumPy, as views of tensors would take longer to make than the numbers to read.
    traces, start = [], 0
    for (offsets, _, _), places in zip(layers, anchors, strict=True):
        batch, tokens, count, _ = offsets.shape
        ends = [start + tokens * each for each in (2 * count, 3 * count, 3 * count + 1)]
        side = round(tokens**0.5)
        parts: dict[str, Any] = {
            "anchors": places,
            "offsets": rows[:, start : ends[0]].reshape(batch, tokens, count, 2),
            "weights": rows[:, ends[0] : ends[1]].reshape(batch, tokens, count),
            "step": rows[:, ends[1] : ends[2]],
            "order": np.arange(tokens),
        }
        traces.append(ScanTrace(side, side, **parts))
        start = ends[-1]
    return traces
