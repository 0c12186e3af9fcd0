import numpy as np
import pytest
from fake_clip import FakeReader
from fake_parts import make_estimate, make_hand
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.pipeline.reader import Reading
from dfmamba_live.result import HandDifference
from dfmamba_live.review.comparison import ComparedNetwork, Comparison, hand_difference

HAND = (make_hand(),)
NUMBERS = st.floats(-5, 5)


def reading(joints, joints_px=None):
    joints_px = np.zeros((21, 2)) if joints_px is None else joints_px
    return Reading(joints_px, joints, np.ones(21), 1.0, 1.0)


def apart(mm, px=0.0):
    return HandDifference("left", np.zeros((21, 2)), np.full(21, mm), np.full(21, px))


@given(arrays(float, (2, 21, 3), elements=NUMBERS), arrays(float, (2, 21, 2), elements=NUMBERS))
def test_distances_of_joints_around_the_wrist_and_in_the_frame(joints, joints_px):
    first, second = (reading(*each) for each in zip(joints, joints_px, strict=True))
    found = hand_difference("left", first, second)
    for j in range(21):
        one, other = (each[j] - each[0] for each in joints)
        away = sum((one - other) ** 2) ** 0.5 * WRIST_TO_MIDDLE_MCP_MM
        assert found.mm[j] == pytest.approx(away, abs=1e-9)
        assert found.px[j] == pytest.approx(np.hypot(*(joints_px[0, j] - joints_px[1, j])))
    assert found.joints_px is second.joints_px


def test_a_hand_that_lies_elsewhere_as_a_whole_differs_in_pixels_alone():
    joints = np.random.default_rng(0).normal(size=(21, 3))
    found = hand_difference("left", reading(joints), reading(joints + 2.0, np.full((21, 2), 3.0)))
    assert found.mm == pytest.approx(0, abs=1e-9)
    assert found.px == pytest.approx(np.full(21, 3 * 2**0.5))


def test_each_frame_counts_once_however_many_hands_and_visits():
    comparison = Comparison()
    comparison.add(0, make_estimate(HAND * 2), (apart(2), apart(4)))
    comparison.add(5, make_estimate(HAND), (apart(9, 1),))
    comparison.add(6, make_estimate(), ())
    comparison.add(5, make_estimate(HAND), (apart(5, 3),))
    found = comparison.get(0, make_estimate(HAND * 2))
    assert found.mm == pytest.approx([3] * 21)
    assert found.mean_mm == pytest.approx([4] * 21)
    assert found.mean_px == pytest.approx([1.5] * 21)
    assert found.frames == 2
    assert np.isnan(comparison.get(6, make_estimate()).mm).all()


def test_other_crops_of_a_frame_are_not_those_that_were_compared():
    comparison = Comparison()
    comparison.add(0, make_estimate(HAND), (apart(2),))
    assert comparison.get(0, make_estimate((make_hand(x=161.0),))) is None
    assert comparison.get(1, make_estimate(HAND)) is None


def test_no_figure_where_no_hand_was_compared_yet():
    comparison = Comparison()
    comparison.add(3, make_estimate(), ())
    found = comparison.get(3, make_estimate())
    assert np.isnan(found.mean_mm).all()
    assert found.frames == 0


def test_the_other_network_is_read_from_disk_once_and_each_crop_by_both():
    loaded = []

    def load():
        loaded.append(FakeReader(shift=0.1))
        return loaded[-1]

    hand = make_hand()
    estimate, image = make_estimate((hand,)), np.zeros((4, 4, 3), np.uint8)
    other, first = ComparedNetwork(load), FakeReader()
    for _ in range(2):
        found = other.compare(first, 7, image, estimate)
    assert found.mm[1:] == pytest.approx(0.1 * WRIST_TO_MIDDLE_MCP_MM)
    assert (len(loaded), loaded[0].calls, first.calls) == (1, 1, 1)
