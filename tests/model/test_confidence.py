import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.model.confidence import confidence, fit


@given(scale=st.floats(0.3, 3), shift=st.floats(-1.5, 1.5))
def test_the_fit_finds_how_often_peaks_are_right(scale, shift):
    make = np.random.default_rng(0)
    peaks = make.uniform(0.02, 0.98, 20000)
    right = make.uniform(size=len(peaks)) < confidence(peaks, (scale, shift))
    found = confidence(peaks, fit(peaks, right))
    assert np.abs(found - confidence(peaks, (scale, shift))).max() < 0.05


@given(peak=st.floats(0, 1))
def test_uncalibrated_confidence_is_the_peak(peak):
    assert abs(confidence(np.array(peak), (1.0, 0.0)) - peak) < 1e-3


def test_all_right_stays_finite():
    scale, shift = fit(np.full(100, 0.7), np.ones(100, bool))
    assert np.isfinite([scale, shift]).all()
    assert confidence(np.array(0.7), (scale, shift)) > 0.9
