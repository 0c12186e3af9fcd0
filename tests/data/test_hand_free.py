import cv2
import numpy as np
import pytest

from dfmamba.data.consensus import VIEWS, CheckedHand
from dfmamba.data.hand_free import hand_free
from dfmamba.data.labels import Labels
from dfmamba.errors import UserError
from dfmamba.pipeline.landmarker import SeenHand


def hand(joints_px):
    return CheckedHand(SeenHand("right", 0.95, joints_px, np.zeros((21, 3))), VIEWS, 0.01, True)


def test_backgrounds_show_no_hand(tmp_path):
    picture = np.zeros((60, 200, 3), np.uint8)
    picture[:, :70] = 255  # the hand's part
    cv2.imwrite(str(tmp_path / "one.png"), picture)
    cv2.imwrite(str(tmp_path / "full.png"), picture)
    left = np.random.default_rng(0).uniform([10, 10], [60, 50], (21, 2))
    wide = left * [3, 1]
    labels = Labels.empty().add("one.png", [hand(left)]).add("full.png", [hand(wide)])
    cv2.imwrite(str(tmp_path / "missed.png"), np.full((60, 200, 3), 255, np.uint8))
    labels = labels.add("missed.png", [])  # likely there is one, which nobody found
    found = hand_free(labels, tmp_path, 5, (30, 40))
    assert found.shape == (1, 3, 30, 40)
    assert found.max() == 0


def test_photographs_full_of_hands_have_no_backgrounds(tmp_path):
    cv2.imwrite(str(tmp_path / "full.png"), np.zeros((100, 120, 3), np.uint8))
    wide = np.random.default_rng(0).uniform([20, 30], [100, 70], (21, 2))
    labels = Labels.empty().add("full.png", [hand(wide)])
    assert hand_free(labels, tmp_path, 5, (30, 40)).shape == (0, 3, 30, 40)


def test_a_missing_photograph_is_told(tmp_path):
    labels = Labels.empty().add("gone.png", [hand(np.zeros((21, 2)))])
    with pytest.raises(UserError, match="missing"):
        hand_free(labels, tmp_path, 5, (30, 40))
