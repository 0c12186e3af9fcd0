"""3x3 convolutions with a quarter of the multiplications (Lavin and Gray 2016, F(4x4, 3x3)).

The map is cut into tiles of 6 x 6 cells, which overlap by two. A tile's and a kernel's transforms,
36 numbers each, are multiplied one by one; summed over channels that is 36 matrix products, and
their transform is the tile's 4 x 4 outputs. In float32 the result is exact to some 1e-5.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE = 4
"""Outputs along the edge of a tile."""
REACH = SIDE + 2
"""Cells along the edge of a tile."""

_TILE = (
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
_KERNEL = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
_OUTPUT = (
    (1, 1, 1, 1, 1, 0),
    (0, 1, -1, 2, -2, 0),
    (0, 1, 1, 4, 4, 0),
    (0, 1, -1, 8, -8, 1),
)


def _both_ways(along_one: tuple[tuple[float, ...], ...]) -> Tensor:
    """The transform of a square, row by row one vector, from that of its rows."""
    matrix = torch.tensor(along_one, dtype=torch.float64)
    return torch.kron(matrix, matrix)


TO_TILE, TO_OUTPUT = _both_ways(_TILE).float(), _both_ways(_OUTPUT).float()


def kernels(weight: Tensor) -> Tensor:
    """A convolution's weight (N, C, 3, 3) transformed, (36, C, N)."""
    transformed = _both_ways(_KERNEL) @ weight.double().permute(2, 3, 1, 0).flatten(0, 1).flatten(1)
    return transformed.float().view(-1, weight.shape[1], weight.shape[0])


def tiles(x: Tensor) -> Tensor:
    """A map (B, H, W, C) transformed, zeros around it: (36, tiles of all pictures, C).

    H and W are multiples of 4.
    """
    cut = F.pad(x, (0, 0, 1, 1, 1, 1)).unfold(1, REACH, SIDE).unfold(2, REACH, SIDE)
    cells = cut.permute(4, 5, 0, 1, 2, 3).reshape(REACH**2, -1)
    return (TO_TILE @ cells).view(REACH**2, -1, x.shape[-1])


def untiled(products: Tensor, height: int, width: int) -> Tensor:
    """The outputs (B, height, width, N) of which the products (36, tiles, N) are the transforms."""
    channels = products.shape[-1]
    cells = TO_OUTPUT @ products.flatten(1)
    cells = cells.view(SIDE, SIDE, -1, height // SIDE, width // SIDE, channels)
    return cells.permute(2, 3, 0, 4, 1, 5).reshape(-1, height, width, channels)
