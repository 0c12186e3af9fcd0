"""The soft read-out of `model.decoder.read_out` as one kernel, in Triton."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from dfmamba.engine.runner import JOINT_NUMBERS
from dfmamba.hand import JOINT_COUNT
from dfmamba.model.decoder import WINDOW


@triton.jit
def _read(
    heat, location, out, side, row_heat, row_location,
    CELLS: tl.constexpr, WINDOW: tl.constexpr, JOINTS: tl.constexpr,
):  # fmt: skip
    joint, picture = tl.program_id(0), tl.program_id(1)
    cell = tl.arange(0, CELLS)
    here = cell < side * side
    pixel = picture * side * side + cell
    value = tl.load(heat + pixel * row_heat + joint, mask=here, other=0.0).to(tl.float32)
    peak, at = tl.max(value, axis=0, return_indices=True)
    row, column = cell // side, cell % side
    near = (tl.abs(row - at // side) <= WINDOW) & (tl.abs(column - at % side) <= WINDOW)
    share = tl.where(near & here, value * value, 0.0)
    share = share / tl.maximum(tl.sum(share, axis=0), 1e-12)
    result = out + (picture * JOINTS + joint) * 6
    tl.store(result, tl.sum(share * (column + 0.5), axis=0) / side)
    tl.store(result + 1, tl.sum(share * (row + 0.5), axis=0) / side)
    for axis in tl.static_range(3):
        place = location + pixel * row_location + 3 * joint + axis
        found = tl.load(place, mask=here, other=0.0).to(tl.float32)
        tl.store(result + 2 + axis, tl.sum(share * found, axis=0))
    tl.store(result + 5, peak)


def read(heat: Tensor, location: Tensor) -> Tensor:
    """Heatmaps (B, S, S, 21), 0 to 1, and locations (B, S, S, 63) to (B, 21, 6), float32.

    x, y from 0 to 1 across the crop; x, y, z in palm units, not yet relative to the wrist;
    confidence. Both maps may be slices of the channels of a wider one.
    """
    batch, side = heat.shape[:2]
    out = torch.empty((batch, JOINT_COUNT, JOINT_NUMBERS), device=heat.device)
    _read[(JOINT_COUNT, batch)](
        heat, location, out, side, heat.stride(2), location.stride(2),
        triton.next_power_of_2(side * side), WINDOW, JOINT_COUNT,
    )  # fmt: skip
    return out
