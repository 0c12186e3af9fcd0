import numpy as np
from knowing_network import crops_of, joints_on_cells

from dfmamba.evaluate.sheet import (
    CAPTION,
    COLUMNS,
    TILE,
    contact_sheet,
    evenly,
    side_by_side,
    worst,
)
from dfmamba.hand import JOINT_COLOURS


def test_a_sheet_shows_every_chosen_hand_in_the_palette():
    joints = joints_on_cells(9)
    sheet = contact_sheet(crops_of(joints), joints, np.zeros((9, 21)), np.arange(9))
    assert sheet.shape == (2 * (TILE + CAPTION), COLUMNS * TILE, 3)
    x, y = (joints[0, 20] * TILE / 64).astype(int)
    assert np.abs(sheet[y, x].astype(int) - JOINT_COLOURS[20]).max() < 12
    assert not sheet[TILE + CAPTION :, TILE:].any()  # the last row holds one tile


def test_made_pictures_lie_left_of_real_ones_row_by_row():
    made = np.arange(6, dtype=np.uint8)[:, None, None, None] * np.ones((4, 4, 3), np.uint8)
    sheet = side_by_side(made, made + 100, columns=3)
    assert sheet.shape == (8, 12 + 1 + 12, 3)
    assert sheet[::4, 0:12:4, 0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert sheet[::4, 13::4, 0].tolist() == [[100, 101, 102], [103, 104, 105]]


def test_evenly_and_worst_choose():
    assert evenly(100, 3).tolist() == [0, 50, 99]
    assert evenly(2, 3).tolist() == [0, 1]
    errors = np.outer([0.1, 0.5, 0.3], np.ones(21))
    assert worst(errors, 2).tolist() == [1, 2]
