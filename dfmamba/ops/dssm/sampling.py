"""Deformable sampling as one small matrix per picture.

A bilinear sample is a product of two hat functions, hat(z) = max(0, 1 - |z|), one for the row and
one for the column. So v = S x with S[t, s] = sum_k b_{k,t} hat(row_{k,t} - row_s) hat(col_{k,t} -
col_s): a batched product per token, then one matrix product over all channels. It needs no
gather or scatter, is deterministic, and a sample outside the grid is zero by itself. For the
grids of a hand crop (16 to 256 tokens) the dense S is cheap.
"""

import torch
from torch import Tensor

from dfmamba.ops.dssm.reference import token_places


def _hat(places: Tensor, size: int) -> Tensor:
    """What a bilinear sample at each place (...) takes from each cell, (..., size)."""
    cells = torch.arange(size, device=places.device, dtype=places.dtype)
    return (1 - (places[..., None] - cells).abs()).clamp_min(0)


def sampling_matrix(
    offsets: Tensor, weights: Tensor, anchors: Tensor, height: int, width: int
) -> Tensor:
    """S (batch, L, L), so that v = S x (paper, Eq. 5).

    offsets (batch, L, K, 2) in (row, column) tokens; weights (batch, L, K); anchors (K, 2).
    """
    batch, length, count = weights.shape
    tokens = token_places(height, width, offsets.device).to(offsets)
    rows, columns = (tokens[:, None] + anchors + offsets).unbind(-1)
    from_rows = _hat(rows, height) * weights[..., None]
    from_columns = _hat(columns, width)
    grid = torch.matmul(
        from_rows.view(batch * length, count, height).transpose(1, 2),
        from_columns.view(batch * length, count, width),
    )
    return grid.view(batch, length, height * width)
