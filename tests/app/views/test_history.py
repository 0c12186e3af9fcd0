import pytest

from dfmamba_live.views.plots.history import SPAN_S, History


def test_history_keeps_ten_seconds_and_tells_the_rate():
    history = History("value")
    for frame in range(600):
        history.add(100 + frame / 30, value=float(frame))
    ages, values = history.curves()
    assert ages[-1] == 0
    assert ages[0] == pytest.approx(-SPAN_S, abs=0.05)
    assert values["value"][-1] == 599
    assert history.rate() == pytest.approx(30, rel=0.05)


def test_a_history_without_samples_is_empty():
    history = History("value")
    assert history.rate() == 0
    assert history.curves()[0].size == 0


def test_slow_samples_have_a_rate_too():
    history = History()
    for second in (0, 2, 4):
        history.add(float(second))
    assert history.rate() == pytest.approx(0.5)
