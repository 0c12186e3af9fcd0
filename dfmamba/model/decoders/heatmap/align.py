"""Hands laid over the true ones before they are compared, as PA-MPJPE does, for the loss.

`dfmamba.metrics` does the same by singular values, which a CUDA graph cannot record.
"""

import torch
from torch import Tensor

SQUARINGS = 12
"""Of a matrix, until its largest eigenvalue leaves nothing of the others."""


def aligned(found: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Joints `found` (B, J, 3) moved, turned and scaled as fits `true` (B, J, 3) best.

    weight (B, J): how much each joint counts for the fit; only their ratios within a hand matter.
    The gradient flows through the joints alone: at the best fit, a little more of turning or
    scaling changes the sum of squares by nothing.
    """
    share = (weight / weight.amax(1, keepdim=True).clamp_min(1e-6))[..., None]
    count = share.sum(1, keepdim=True).clamp_min(1e-6)
    centre = (true * share).sum(1, keepdim=True) / count
    source, target = found - (found * share).sum(1, keepdim=True) / count, true - centre
    fixed = source.detach() * share
    covariance = fixed.mT @ target
    turn = _best_turn(covariance)
    scale = (covariance * turn).sum((1, 2)) / (fixed * source.detach()).sum((1, 2)).clamp_min(1e-6)
    return scale[:, None, None] * (source @ turn) + centre


def _best_turn(covariance: Tensor) -> Tensor:
    """Rotations R (B, 3, 3) with the largest trace of R^T C: rows `x @ R` (Horn 1987).

    The best unit quaternion q is an eigenvector of a symmetric matrix of C's elements; q's outer
    product, which is all that R needs, is what the matrix's high powers become.
    """
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = (row.unbind(-1) for row in covariance.unbind(-2))
    rows = (
        (xx + yy + zz, yz - zy, zx - xz, xy - yx),
        (yz - zy, xx - yy - zz, xy + yx, zx + xz),
        (zx - xz, xy + yx, yy - xx - zz, yz + zy),
        (xy - yx, zx + xz, yz + zy, zz - xx - yy),
    )
    power = torch.stack([torch.stack(row, -1) for row in rows], -2)
    # No eigenvalue below 0, so that the largest one is the strongest.
    floor = power.square().sum((1, 2), keepdim=True).sqrt() + 1e-12
    power = power + floor * torch.eye(4, device=power.device)
    for _ in range(SQUARINGS):
        power = (power[:, :, :, None] * power[:, None]).sum(2)  # in full precision on any GPU
        power = power / power.diagonal(dim1=1, dim2=2).sum(-1)[:, None, None]
    (ww, wx, wy, wz), (_, xx, xy, xz), (_, _, yy, yz), (*_, zz) = (
        row.unbind(-1) for row in power.unbind(-2)
    )
    turn = (
        (ww + xx - yy - zz, 2 * (xy + wz), 2 * (xz - wy)),
        (2 * (xy - wz), ww - xx + yy - zz, 2 * (yz + wx)),
        (2 * (xz + wy), 2 * (yz - wx), ww - xx - yy + zz),
    )
    return torch.stack([torch.stack(row, -1) for row in turn], -2)
