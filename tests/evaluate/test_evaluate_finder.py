import numpy as np
import pytest
import torch

from dfmamba.evaluate.finder import finder_figures
from dfmamba.finder.decode import Found
from dfmamba.finder.frames import MOST_HANDS, Frames


def frames_of(*hands):
    """One frame of hands, each (x, y, size, right, counts)."""
    rows = torch.zeros(1, MOST_HANDS, 10)
    for slot, (x, y, size, right, counts) in enumerate(hands):
        half = size / 2
        box = [x - half, y - half, x + half, y + half]
        rows[0, slot] = torch.tensor([x, y, *box, right, counts, 1 - counts, 0])
    along = torch.zeros(1, MOST_HANDS, 2)
    along[..., 1] = -10
    parts = rows[..., :2], rows[..., 2:6], along, rows[..., 6], rows[..., 7], rows[..., 8]
    return Frames(torch.zeros(1, 3, 1, 1), *parts, rows[..., 7])


def found_of(*hands):
    """Hands found, each (x, y, size, right, score)."""
    if not hands:
        none = np.zeros((0, 2))
        return Found(none[:, 0], none, np.zeros((0, 4)), none, none[:, 0])
    x, y, size, right, score = np.array(hands, float).T
    box = np.stack([x - size / 2, y - size / 2, x + size / 2, y + size / 2], 1)
    up = np.tile([0.0, -1.0], (len(x), 1))
    return Found(score, np.stack([x, y], 1), box, up, right)


def test_what_is_found_exactly_is_all_right():
    figures = finder_figures(
        frames_of((30, 30, 20, 1, 1), (90, 90, 40, 0, 1)),
        [found_of((30, 30, 20, 0.9, 0.8), (90, 90, 40, 0.2, 0.7))],
    )
    assert figures.recall == figures.precision == figures.recall_palm == figures.side == 1
    assert figures.direction_deg == pytest.approx(0, abs=1e-3)
    assert figures.hands == 2


def test_a_hand_missed_a_ghost_and_a_wrong_side_are_counted():
    figures = finder_figures(
        frames_of((30, 30, 20, 1, 1), (90, 90, 40, 0, 1)),
        [found_of((31, 30, 20, 0.1, 0.8), (60, 10, 20, 0.2, 0.7))],
    )
    assert figures.recall == figures.precision == 0.5
    assert figures.side == 0


def test_hands_to_be_ignored_are_neither_missed_nor_ghosts():
    frames = frames_of((30, 30, 20, 1, 1), (90, 90, 40, 0, 0))
    for found in (
        found_of((30, 30, 20, 1, 0.9)),
        found_of((30, 30, 20, 1, 0.9), (90, 92, 9, 0, 0.9)),
    ):
        figures = finder_figures(frames, [found])
        assert figures.recall == figures.precision == figures.precision_palm == 1
        assert figures.hands == 1


def test_one_found_hand_is_one_of_two_that_clasp():
    frames = frames_of((50, 50, 40, 1, 1), (60, 50, 40, 0, 1))
    figures = finder_figures(frames, [found_of((55, 50, 40, 1, 0.9))])
    assert figures.recall == figures.recall_palm == figures.recall_touching == 0.5


def test_unlikely_ones_are_not_found_and_nothing_is_no_number():
    frames = frames_of((30, 30, 20, 1, 1))
    figures = finder_figures(frames, [found_of((30, 30, 20, 1, 0.05))])
    assert figures.recall == 0
    assert np.isnan(figures.precision)
    assert np.isnan(finder_figures(frames_of(), [found_of()]).recall)
