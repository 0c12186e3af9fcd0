import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.camera import Intrinsics
from dfmamba.pipeline.lift import lift

CAMERA = Intrinsics.assumed(640, 480)


@st.composite
def hands(draw):
    """Joints (21, 3) in the camera frame, mm, the wrist at 0.2 to 2 m."""
    shape = np.random.default_rng(draw(st.integers(0, 99))).uniform(-80, 80, (21, 3))
    shape[0] = 0
    depth = draw(st.floats(200, 2000))
    x, y = draw(st.floats(-0.8, 0.8)), draw(st.floats(-0.6, 0.6))
    return shape + np.array([x * depth, y * depth, depth])


@given(hands())
def test_lift_undoes_project(hand):
    root = lift(hand - hand[0], CAMERA.project(hand), CAMERA)
    np.testing.assert_allclose(root, hand[0], rtol=1e-6, atol=1e-6)


@given(hands(), st.floats(0.5, 2))
def test_a_larger_hand_lies_farther_and_projects_the_same(hand, scale):
    pixels, shape = CAMERA.project(hand), (hand - hand[0]) * scale
    root = lift(shape, pixels, CAMERA)
    np.testing.assert_allclose(root, hand[0] * scale, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(CAMERA.project(shape + root), pixels, atol=1e-5)


@given(hands(), st.integers(0, 99))
def test_noise_of_a_pixel_moves_the_projection_by_no_more(hand, seed):
    pixels = CAMERA.project(hand) + np.random.default_rng(seed).uniform(-1, 1, (21, 2))
    shape = hand - hand[0]
    root = lift(shape, pixels, CAMERA)
    assert np.abs(CAMERA.project(shape + root) - pixels).mean() < 1.5


def test_nonsense_has_no_root():
    shape = np.random.default_rng(0).uniform(-80, 80, (21, 3))
    pixels = CAMERA.project(shape + np.array([0, 0, 500]))
    assert lift(shape, pixels, CAMERA) is not None
    assert lift(-shape, pixels, CAMERA) is None  # behind the camera
    assert lift(shape, np.full((21, 2), 320.0), CAMERA) is None  # one point: infinitely far
    assert lift(shape * 20, pixels, CAMERA) is None  # 10 m away
    assert lift(shape, np.full_like(pixels, np.nan), CAMERA) is None
    assert lift(shape * np.inf, pixels, CAMERA) is None


def test_focal_length_scales_depth():
    shape = np.random.default_rng(1).uniform(-20, 20, (21, 3)) * [1, 1, 0]
    pixels = CAMERA.project(shape - shape[0] + [0, 0, 500])
    long = Intrinsics(CAMERA.fx * 2, CAMERA.fy * 2, CAMERA.cx, CAMERA.cy)
    assert lift(shape - shape[0], pixels, long)[2] == pytest.approx(1000)
