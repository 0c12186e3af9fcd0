"""The soft read-out of `model.decoders.heatmap.read_out` as one kernel, in Triton."""

import numpy as np
import torch
import triton
import triton.language as tl
from numpy.typing import NDArray
from torch import Tensor

from dfmamba.engine.outputs import Outputs
from dfmamba.hand import JOINT_COUNT
from dfmamba.model.decoders.heatmap.read_out import WINDOW

JOINT_NUMBERS = 6
"""Of each joint: x, y from 0 to 1 across the crop; x, y, z in palm units; the heatmap's peak."""
HAND_NUMBERS = 2
"""Of each crop, 0 to 1: that it shows a hand, and that it shows it as a right one."""
NUMBERS = JOINT_COUNT * JOINT_NUMBERS + HAND_NUMBERS
"""In the row of a crop: those of its joints one after another, then its own."""


@triton.jit
def _read(
    heat, location, hand, out, side, coarse, row_heat, row_location,
    CELLS: tl.constexpr, COARSE: tl.constexpr, WINDOW: tl.constexpr,
    JOINTS: tl.constexpr, NUMBERS: tl.constexpr, HAND: tl.constexpr,
):  # fmt: skip
    joint, picture = tl.program_id(0), tl.program_id(1)
    row_out = out + picture * (JOINTS * NUMBERS + HAND)
    if joint == JOINTS:  # the last program of a picture: what is true of the whole hand
        place = tl.arange(0, COARSE)
        for number in tl.static_range(HAND):
            logits = hand + (picture * coarse + place) * HAND + number
            mean = tl.sum(tl.load(logits, mask=place < coarse, other=0.0), axis=0) / coarse
            tl.store(row_out + JOINTS * NUMBERS + number, tl.sigmoid(mean))
    else:
        cell = tl.arange(0, CELLS)
        here = cell < side * side
        pixel = picture * side * side + cell
        value = tl.load(heat + pixel * row_heat + joint, mask=here, other=0.0).to(tl.float32)
        peak, at = tl.max(value, axis=0, return_indices=True)
        row, column = cell // side, cell % side
        near = (tl.abs(row - at // side) <= WINDOW) & (tl.abs(column - at % side) <= WINDOW)
        share = tl.where(near & here, value * value, 0.0)
        share = share / tl.maximum(tl.sum(share, axis=0), 1e-12)
        result = row_out + joint * NUMBERS
        tl.store(result, tl.sum(share * (column + 0.5), axis=0) / side)
        tl.store(result + 1, tl.sum(share * (row + 0.5), axis=0) / side)
        for axis in tl.static_range(3):
            found = location + pixel * row_location + 3 * joint + axis
            values = tl.load(found, mask=here, other=0.0).to(tl.float32)
            tl.store(result + 2 + axis, tl.sum(share * values, axis=0))
        tl.store(result + 5, peak)


def read(heat: Tensor, location: Tensor, hand: Tensor) -> Tensor:
    """One row of numbers for each picture (B, NUMBERS), float32.

    heat (B, S, S, 21), 0 to 1, and location (B, S, S, 63) may be slices of the channels of a wider
    map. hand (B, s, s, 2): logits before the average over the map.
    """
    batch, side = heat.shape[:2]
    coarse = hand.shape[1] * hand.shape[2]
    out = torch.empty((batch, NUMBERS), device=heat.device)
    _read[(JOINT_COUNT + 1, batch)](
        heat, location, hand, out, side, coarse, heat.stride(2), location.stride(2),
        triton.next_power_of_2(side * side), triton.next_power_of_2(coarse), WINDOW,
        JOINT_COUNT, JOINT_NUMBERS, HAND_NUMBERS,
    )  # fmt: skip
    return out


def outputs_of(rows: NDArray[np.float32]) -> Outputs:
    """Views of the rows (C, NUMBERS) of as many crops, one hand to a crop."""
    joints = rows[:, :-HAND_NUMBERS].reshape(-1, 1, JOINT_COUNT, JOINT_NUMBERS)
    return Outputs(
        joints_px=joints[..., :2],
        joints=joints[..., 2:5],
        peak=joints[..., 5],
        present=rows[:, -2:-1],
        right=rows[:, -1:],
    )
