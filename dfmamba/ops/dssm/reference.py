"""The deformable state space layer in plain torch, written to be read (paper, Eq. 5 and 6).

    v_t = sum_k b_{k,t} X(p_t + a_k + o_{k,t})
    h_t = exp(dt_t A) h_{t-1} + dt_t B_t v_t          h in R^N for each channel
    y_t = (C_t . h_t + D x(p_t)) silu(z_t)            z the block's gate

Tokens are in row-major order, p_t = (t // width, t % width). Places are (row, column) in tokens.
"""

from math import isqrt

import torch
from torch import Tensor
from torch.nn import functional as F


def anchor_grid(count: int) -> Tensor:
    """The anchors a_k (count, 2): the square of whole (row, column) steps around the token.

    Raises:
        ValueError: `count` is not the square of an odd number (1, 9, 25, ...).
    """
    side = isqrt(count)
    if side * side != count or side % 2 == 0:
        raise ValueError(f"the number of anchors must be 1, 9, 25, ..., not {count}")
    steps = torch.arange(side, dtype=torch.float32) - side // 2
    return torch.cartesian_prod(steps, steps)


def token_places(height: int, width: int, device: torch.device) -> Tensor:
    """The place p_t of each token, (height * width, 2)."""
    rows, columns = (torch.arange(float(count), device=device) for count in (height, width))
    return torch.cartesian_prod(rows, columns)


def sample(
    x: Tensor, offsets: Tensor, weights: Tensor, anchors: Tensor, height: int, width: int
) -> Tensor:
    """Bilinear samples of x, zero outside the grid, weighted and summed: v (B, L, D) of Eq. 5.

    x (B, L, D); offsets (B, L, K, 2) in tokens; weights (B, L, K); anchors (K, 2).
    """
    places = token_places(height, width, x.device).to(x)[:, None] + anchors.to(x) + offsets
    floor = places.detach().floor()
    values = torch.zeros_like(x)
    for step in torch.cartesian_prod(torch.arange(2), torch.arange(2)).to(x.device):
        corner = floor + step
        row, column = corner.long().unbind(-1)
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        share = (1 - (places - corner).abs()).prod(-1) * weights * inside
        token = row.clamp(0, height - 1) * width + column.clamp(0, width - 1)
        picked = x.gather(1, token.flatten(1)[..., None].expand(-1, -1, x.shape[-1]))
        values = values + (picked.view(*token.shape, -1) * share[..., None]).sum(2)
    return values


def selective_scan(v: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    """C_t . h_t of Eq. 6, one step after another.

    v, dt (batch, L, D), dt positive; A (D, N), negative; B, C (batch, L, N). Returns (batch, L, D).
    """
    decay = torch.exp(dt[..., None] * A)
    entry = (dt * v)[..., None] * B[:, :, None]
    state = torch.zeros_like(entry[:, 0])
    outputs = []
    for t in range(v.shape[1]):
        state = torch.addcmul(entry[:, t], decay[:, t], state)
        outputs.append((state @ C[:, t, :, None]).squeeze(-1))
    return torch.stack(outputs, dim=1)


def scan(
    v: Tensor, x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, gate: Tensor
) -> Tensor:
    """The scan of sampled tokens v with what surrounds it: y (batch, L, D).

    v, x, gate (batch, L, D); dt (batch, L, D) before its softplus; D (D,); the rest as in
    `selective_scan`.
    """
    return skip_and_gate(selective_scan(v, F.softplus(dt), A, B, C), x, D, gate)


def skip_and_gate(y: Tensor, x: Tensor, D: Tensor, gate: Tensor) -> Tensor:
    """What comes after the scan: (y + D x) silu(gate)."""
    return (y + D.to(x.dtype) * x) * F.silu(gate)


def dssm(
    x: Tensor,
    dt: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor,
    gate: Tensor,
    offsets: Tensor,
    weights: Tensor,
    anchors: Tensor,
    height: int,
    width: int,
) -> Tensor:
    """The whole layer, y (batch, L, D). Shapes as in `sample` and `scan`."""
    v = sample(x, offsets, weights, anchors, height, width)
    return scan(v, x, dt, A, B, C, D, gate)
