import numpy as np
from knowing_network import crops_of, hands_in_space, joints_on_cells

from dfmamba.data.crops import evenly
from dfmamba.evaluate.sheet import (
    CAPTION,
    COLUMNS,
    PALM,
    SPACE_COLUMNS,
    TILE,
    overlay_sheet,
    side_by_side,
    space_sheet,
    worst,
)
from dfmamba.hand import INDEX_MCP, JOINT_COLOURS, LITTLE_MCP


def test_a_sheet_shows_every_chosen_hand_in_the_palette():
    joints = joints_on_cells(9)
    sheet = overlay_sheet(crops_of(joints), joints, np.zeros((9, 21)), np.arange(9))
    assert sheet.shape == (2 * (TILE + CAPTION), COLUMNS * TILE, 3)
    x, y = (joints[0, 20] * TILE / 64).astype(int)
    assert np.abs(sheet[y, x].astype(int) - JOINT_COLOURS[20]).max() < 12
    assert not sheet[TILE + CAPTION :, TILE:].any()  # the last row holds one tile


def shown_at(picture, joint):
    """Where a lone joint's colour lies in a picture (H, W, 3): the middle of it, x and y."""
    apart = np.abs(picture.astype(int) - JOINT_COLOURS[joint]).max(axis=-1)
    y, x = np.nonzero(apart < 12)
    return np.array([(x.min() + x.max()) / 2, (y.min() + y.max()) / 2])


def test_hands_in_3d_are_seen_from_the_front_and_from_the_side_at_one_scale():
    hands = np.zeros((SPACE_COLUMNS + 1, 21, 3))
    hands[:, INDEX_MCP] = [0.5, -0.2, 0.4]  # right, up and away from the camera
    hands[:, LITTLE_MCP] = [-0.5, 0.2, -0.4]
    crops = crops_of(joints_on_cells(len(hands)), hands)
    sheet = space_sheet(crops, hands, np.arange(len(hands)))
    assert sheet.shape == (2 * (TILE + CAPTION), SPACE_COLUMNS * 3 * TILE, 3)
    assert not sheet[TILE + CAPTION :, 3 * TILE :].any()  # the last row holds one hand
    front, side = (sheet[:TILE, start : start + TILE] for start in (TILE, 2 * TILE))
    for view, across in ((front, 1.0), (side, 0.8)):
        apart = shown_at(view, INDEX_MCP) - shown_at(view, LITTLE_MCP)
        # the bones of both fingers reach from the wrist, in the middle, to the joints
        assert np.abs(apart - np.array([across, -0.4]) * PALM / 2).max() < 4


def test_hands_in_3d_lie_beside_those_of_mediapipe():
    hands = hands_in_space(1) * [1, 1, 0.1]
    crops = crops_of(joints_on_cells(1), hands)
    same = space_sheet(crops, hands, np.arange(1))
    other = space_sheet(crops, hands * [0.2, 1, 1], np.arange(1))
    white = [(sheet[:TILE, TILE : 2 * TILE] == 255).all(-1).sum() for sheet in (same, other)]
    assert white[0] == 0 < white[1]  # hidden where they are the same


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
