import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfmamba_live.views.scan.ranges import STEPS, round_range


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=20))
def test_the_range_holds_all_values_and_is_not_much_wider(values):
    low, high = round_range(np.array(values))
    spread = max(values) - min(values)
    slack = 1e-6 * max(1.0, *map(abs, values))
    assert low <= min(values) + slack
    assert high >= max(values) - slack
    assert high > low
    if spread > max(1e-3 * max(map(abs, values)), 1e-8):
        assert high - low <= (1 + 5 / STEPS) * spread + slack


def test_the_range_is_of_round_numbers():
    assert round_range(np.array([0.019, 0.0262])) == pytest.approx((0.018, 0.028))
    assert round_range(np.array([0.4, 7.3])) == pytest.approx((0, 8))
