import numpy as np
import pytest

from dfmamba.evaluate.breakdown import SEEN, TONES, breakdown, fairness, views
from dfmamba.evaluate.synthetic import Measured
from dfmamba.metrics import palm_length
from dfmamba.synth.hand.key_poses import FAMILIES, FREE

COUNT = 60
MM = np.random.default_rng(0).normal(0, 40, (COUNT, 21, 3)) + np.array([0, 0, 500])
RELATIVE = MM - MM[:, :1]
REACH = np.linalg.norm(RELATIVE, axis=-1).mean(1)
FAMILY = np.arange(COUNT) % (FREE + 1)


def measured(longer=0.0, aside_px=0.0, **changes):
    """Hands found too long by shares `longer`, and moved in the picture by `aside_px`; (N,)."""
    palms = palm_length(MM)[:, None, None]
    pixels = np.random.default_rng(1).uniform(20, 100, (COUNT, 21, 2))
    moved = np.broadcast_to(aside_px, COUNT)[:, None, None] * [1.0, 0.0]
    parts = {
        "images": np.zeros((COUNT, 8, 8, 3), np.uint8),
        "joints_px": pixels + moved,
        "true_px": pixels,
        "found_units": RELATIVE / palms * (1 + np.broadcast_to(longer, COUNT))[:, None, None],
        "true_mm": MM,
        "visible": np.ones((COUNT, 21), bool),
        "confidence": np.ones((COUNT, 21)),
        "family": FAMILY,
        "tone": np.arange(COUNT) / COUNT,
    }
    return Measured(**(parts | changes))


def test_every_hand_is_of_one_kind_each():
    for kinds in breakdown(measured()).values():
        assert sum(each.hands for each in kinds.values()) == COUNT


def test_errors_are_those_of_the_kind():
    groups = breakdown(measured(longer=np.where(FAMILY == FREE, 0.5, 0.1)))["pose"]
    assert list(groups) == [*FAMILIES, "free"]
    for row, found in enumerate(groups.values()):
        wrong = 0.5 if row == FREE else 0.1
        assert found.mpjpe_mm == pytest.approx(wrong * REACH[row == FAMILY].mean())
        assert found.pa_mpjpe_mm == pytest.approx(0, abs=1e-6)  # only the size is wrong
        assert found.box_share == 0


def test_image_errors_are_shares_of_the_box():
    both = measured(aside_px=np.where(FAMILY == 0, 8.0, 2.0))
    box = np.ptp(both.true_px, axis=1).max(1)
    groups = breakdown(both)["pose"]
    assert groups["open"].box_share == pytest.approx((8 / box[FAMILY == 0]).mean())
    assert groups["free"].box_share == pytest.approx((2 / box[FAMILY == FREE]).mean())


def test_hands_are_told_apart_by_how_much_of_them_is_seen():
    visible = np.zeros((COUNT, 21), bool)
    for row, count in enumerate((2, 10, 20)):
        visible[row::3, :count] = True
    longer = np.tile([0.3, 0.2, 0.1], COUNT // 3)
    groups = breakdown(measured(longer, visible=visible))["joints seen"]
    assert list(groups) == list(SEEN)
    for row, found in enumerate(groups.values()):
        assert found.hands == COUNT // 3
        assert found.mpjpe_mm == pytest.approx(longer[row] * REACH[row::3].mean())


def test_kinds_without_a_hand_are_left_out():
    groups = breakdown(measured(family=np.zeros(COUNT, np.int64)))
    assert list(groups["pose"]) == ["open"]
    assert list(groups["joints seen"]) == ["over 70% seen"]


def test_fairness_compares_the_darkest_third_with_the_lightest():
    third = np.arange(COUNT) // (COUNT // 3)
    longer = np.array([0.3, 0.5, 0.2])[third] / REACH
    groups = breakdown(measured(longer))["skin"]
    assert list(groups) == list(TONES)
    assert [each.hands for each in groups.values()] == [COUNT // 3] * 3
    assert fairness(groups) == pytest.approx(0.5)


def test_views_of_a_right_hand():
    hand = np.zeros((21, 3))
    hand[1:] = [0, -80, 0]  # fingers up
    hand[5], hand[17] = [30, -80, 0], [-30, -80, 0]  # the palm to the camera: index on its right
    turns = {
        "palm": np.eye(3),
        "back": np.diag([-1.0, 1, -1]),
        "edge": np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]]),
        "pointing at the camera": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]),
        "pointing away": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
    }
    found = views(np.stack([hand @ turn.T for turn in turns.values()]))
    for row, name in enumerate(turns):
        assert [kind for kind, rows in found.items() if rows[row]] == [name]
