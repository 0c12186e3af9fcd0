"""The shapes of things: superquadrics, and real household things, all on one grid.

A shape's frame has its cross-section along x and y and its long axis along z. The grid has `ROWS`
rows from one end of that axis to the other, the first and the last in one point, of `COLUMNS`
vertices around it and the first one again.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from dfmamba.errors import UserError
from dfmamba.files import load_arrays, save_arrays

BAKED_SHAPES = "objects.npz"
"""The name of the file with the real shapes, beside the baked hand."""
ROWS, COLUMNS = 13, 24


def grid(device: torch.device | str) -> tuple[Tensor, Tensor]:
    """Triangles (F, 3) and texture coordinates (V, 2), 0 to 1, of every shape."""
    row = torch.arange(ROWS, device=device)[:, None]
    column = torch.arange(COLUMNS + 1, device=device)
    first = (row[:-1] * (COLUMNS + 1) + column[:-1]).flatten()
    below = first + COLUMNS + 1
    upper, lower = [first, first + 1, below], [first + 1, below + 1, below]
    triangles = torch.cat([torch.stack(upper, 1), torch.stack(lower, 1)])
    across, down = (column / COLUMNS).repeat(ROWS), (row / (ROWS - 1)).repeat(1, COLUMNS + 1)
    return triangles, torch.stack([across, down.flatten()], -1)


def heights(device: torch.device | str) -> Tensor:
    """Where the rows (ROWS,) of a real shape lie, -1 to 1: dense where ends are round or cut."""
    polar = torch.linspace(-math.pi / 2, math.pi / 2, ROWS, device=device)
    return (math.pi / 2 * polar.sin()).sin()


def superquadrics(
    around: Tensor, along: Tensor, taper: Tensor, neck: Tensor
) -> tuple[Tensor, Tensor]:
    """Points (M, V, 3) of half-sizes 1, and normals there, not of unit length.

    around, along (M,): exponents of the cross-section and of the profile. taper (M,): how much
    thicker the upper end is. neck (M,): how much thinner than the rest a bottle's neck is.
    """
    polar = torch.linspace(-math.pi / 2, math.pi / 2, ROWS, device=around.device)[:, None]
    turn = torch.linspace(0, 2 * math.pi, COLUMNS + 1, device=around.device)
    x, y = _superellipse(turn, around[:, None, None])
    width, z = _superellipse(polar, along[:, None, None])
    power, height = around[:, None, None] - 1, along[:, None, None] - 1
    normals = [
        width.abs() ** height * x.sign() * x.abs() ** power,
        width.abs() ** height * y.sign() * y.abs() ** power,
        (z.sign() * z.abs() ** height).expand(-1, -1, COLUMNS + 1),
    ]
    # The slopes of tapers and necks are left out of the normals.
    step = ((z - 0.3) / 0.4).clamp(0, 1)
    width = width * (1 + taper[:, None, None] * z) * (1 - neck[:, None, None] * step)
    points = torch.stack([width * x, width * y, z.expand(-1, -1, COLUMNS + 1)], -1)
    return points.flatten(1, 2), torch.stack(normals, -1).flatten(1, 2)


def _superellipse(angle: Tensor, power: Tensor) -> tuple[Tensor, Tensor]:
    """The points of |x|^power + |y|^power = 1 in these directions."""
    c, s = angle.cos(), angle.sin()
    radius = (c.abs() ** power + s.abs() ** power) ** (-1 / power)
    return radius * c, radius * s


@dataclass(frozen=True)
class Shapes:
    """S real things, thinnest along x and longest along z, their box's middle at the origin."""

    vertices: Tensor
    """(S, V, 3): mm, of true size, row by row at `heights`."""
    normals: Tensor
    """(S, V, 3): unit, outwards."""

    @classmethod
    def load(cls, path: Path) -> "Shapes | None":
        """Read a baked file; None where there is none."""
        if not path.is_file():
            return None
        found = load_arrays(path)
        arrays = {k: torch.from_numpy(found[k]) for k in cls.__annotations__ if k in found}
        shapes = {array.shape[1:] for array in arrays.values()}
        if len(arrays) < len(cls.__annotations__) or shapes != {(ROWS * (COLUMNS + 1), 3)}:
            raise UserError(
                f"{path} is of another version; run `python -m dfmamba bake` again, "
                "or delete it to draw without real things"
            )
        return cls(**arrays)

    def save(self, path: Path) -> None:
        """Write the arrays; the folder is made."""
        save_arrays(path, {k: getattr(self, k).numpy() for k in self.__annotations__})

    def rows(self, index: Tensor) -> "Shapes":
        """Some of the shapes."""
        return Shapes(self.vertices[index], self.normals[index])

    def to(self, device: torch.device | str) -> "Shapes":
        """The shapes on a device."""
        return Shapes(self.vertices.to(device), self.normals.to(device))

    @cached_property
    def half(self) -> Tensor:
        """Half-sizes (S, 3), mm."""
        return self.vertices.abs().amax(1)

    @cached_property
    def around(self) -> Tensor:
        """The exponents (S,) of superellipses that fill as much of the rows' boxes, 2 to 9."""
        rows = self.vertices.view(-1, ROWS, COLUMNS + 1, 3)[:, 1:-1, :, :2]
        high, low = rows.amax(2, keepdim=True), rows.amin(2, keepdim=True)
        place = (2 * rows - high - low) / (high - low)
        corners = place[:, :, COLUMNS // 8 : COLUMNS : COLUMNS // 4].abs().mean((2, 3))
        return (math.log(0.5) / corners.median(1).values.clamp(0.1, 0.95).log()).clamp(2, 9)

    @cached_property
    def reach(self) -> Tensor:
        """How far (S, ROWS - 1, 2, 2) they reach from the axis between a row and the next.

        In half-sizes, to the negative and to the positive side, along x and along y.
        """
        rows = self.vertices.view(-1, ROWS, COLUMNS + 1, 3)[..., :2] / self.half[:, None, None, :2]
        sides = torch.stack([-rows.amin(2), rows.amax(2)], 2)
        return torch.maximum(sides[:, :-1], sides[:, 1:]).clamp(min=0.05)
