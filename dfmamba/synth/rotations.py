"""Rotations in space."""

import torch
from torch import Tensor
from torch.nn import functional as F


def axis_turn(degrees: Tensor, axis: int) -> Tensor:
    """Rotations (..., 3, 3) about coordinate axis 0, 1 or 2 by angles (...)."""
    c, s = torch.cos(degrees.deg2rad()), torch.sin(degrees.deg2rad())
    zero, one = torch.zeros_like(c), torch.ones_like(c)
    cells = [[c, -s, zero], [s, c, zero], [zero, zero, one]]
    order = [(i + 2 - axis) % 3 for i in range(3)]
    rows = [torch.stack([cells[i][j] for j in order], -1) for i in order]
    return torch.stack(rows, -2)


def random_turns(count: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """Rotations (count, 3, 3), uniform over all."""
    quaternion = torch.randn(count, 4, generator=generator, device=device)
    w, x, y, z = F.normalize(quaternion, dim=-1).unbind(-1)
    cells = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return torch.stack([torch.stack(row, -1) for row in cells], -2)
