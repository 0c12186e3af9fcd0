import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dfmamba.pipeline.smooth import OneEuro, PoseSmoother

POINTS = arrays(np.float64, (4, 2), elements=st.floats(-1e3, 1e3))
GAPS = st.lists(st.floats(0, 2), min_size=1, max_size=8)


@given(POINTS, GAPS)
def test_what_rests_stays(points, gaps):
    smooth = OneEuro()
    for time_s in np.cumsum(gaps):
        np.testing.assert_array_equal(smooth(points, float(time_s)), points)


@given(st.lists(st.tuples(POINTS, st.floats(0, 2)), min_size=1, max_size=8))
def test_output_lies_between_the_extremes_of_the_inputs(samples):
    smooth = OneEuro()
    inputs = np.array([points for points, _ in samples])
    times = np.cumsum([gap for _, gap in samples])
    outputs = [smooth(points, float(time)) for points, time in zip(inputs, times, strict=True)]
    assert (outputs >= inputs.min(axis=0) - 1e-9).all()
    assert (outputs <= inputs.max(axis=0) + 1e-9).all()


@given(POINTS, st.floats(-1e4, 1e4))
def test_the_first_sample_passes(points, time_s):
    np.testing.assert_array_equal(OneEuro()(points, time_s), points)


@given(POINTS, POINTS)
def test_no_time_no_change(first, second):
    smooth = OneEuro()
    smooth(first, 1.0)
    np.testing.assert_array_equal(smooth(second, 1.0), first)


@given(POINTS, st.floats(1e-3, 1e3))
def test_the_unit_does_not_matter(points, unit):
    plain, scaled = OneEuro(), OneEuro()
    for time_s, step in enumerate(np.linspace(0, 3, 5)):
        expected = plain(points * step, time_s / 30)
        answer = scaled(points * step * unit, time_s / 30, unit)
        np.testing.assert_allclose(answer, expected * unit, rtol=1e-9, atol=1e-9 * unit)


def test_steady_at_rest_and_quick_in_motion():
    rng = np.random.default_rng(0)
    times = np.arange(200) / 30
    noise = rng.normal(0, 0.01, (200, 1, 2))
    smooth = OneEuro()
    rest = np.array([smooth(point, time) for point, time in zip(noise, times, strict=True)])
    assert rest[30:].std() < 0.7 * noise.std()
    smooth = OneEuro()
    speed = 5.0  # hands a second, a fast wave
    lag = [time * speed - smooth(np.full((1, 2), time * speed), time) for time in times]
    assert np.max(lag[60:]) / speed < 0.03


def test_a_root_that_is_lost_starts_afresh():
    smooth = PoseSmoother()
    joints_px, joints_mm = np.eye(21, 2), np.zeros((21, 3))
    for time_s, depth in enumerate((400.0, None, 900.0)):
        root = None if depth is None else np.full(3, depth)
        answer = smooth(joints_px, joints_mm, root, time_s / 30)[2]
        assert answer is None if root is None else answer == pytest.approx(root)
