import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.temporal.measures import WINDOW, jitter, lag_s

TIMES = np.arange(90) / 30


def wave(times, hertz=1.0):
    return np.sin(2 * np.pi * hertz * times)[:, None, None] * np.array([[[1.0, 0.5]]])


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(-50, 50))
def test_motion_that_fits_a_parabola_does_not_tremble(place, speed, pull):
    path = place + speed * TIMES + pull * TIMES**2
    told = jitter(np.stack([path, -path], axis=-1)[:, None])
    assert told.shape == (len(TIMES) - WINDOW + 1,)
    np.testing.assert_allclose(told, 0, atol=1e-6)


def test_jitter_of_white_noise_is_its_length():
    noise = np.random.default_rng(0).normal(0, 0.5, (4000, 21, 3))
    assert np.sqrt(np.mean(jitter(noise) ** 2)) == pytest.approx(0.5 * np.sqrt(3), rel=0.02)


@given(st.floats(0.1, 10), st.integers(0, 99))
def test_jitter_scales_and_does_not_care_where(scale, seed):
    noise = np.random.default_rng(seed).normal(0, 1, (20, 4, 2))
    np.testing.assert_allclose(jitter(noise * scale + 7), jitter(noise) * scale, rtol=1e-6)


@given(st.floats(0, 0.19), st.floats(0.4, 2))
def test_a_known_delay_is_measured(delay, hertz):
    late, early = wave(TIMES - delay, hertz), wave(TIMES, hertz)
    assert lag_s(late, early, TIMES) == pytest.approx(delay, abs=0.003)


def test_delay_is_measured_in_uneven_time():
    times = np.cumsum(np.random.default_rng(1).uniform(0.01, 0.06, 120))
    assert lag_s(wave(times - 0.05), wave(times), times) == pytest.approx(0.05, abs=0.003)


def test_signals_shorter_than_the_longest_delay_tell_nothing():
    times = np.arange(30) / 240
    assert np.isnan(lag_s(wave(times), wave(times), times))
