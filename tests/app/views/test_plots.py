import numpy as np
import pytest

from app.views.plots import SPAN_S, History, SpeedPlots
from dfmamba.pipeline.estimator import STAGES


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


def test_plots_show_what_was_measured(qtbot):
    plots = SpeedPlots()
    qtbot.addWidget(plots)
    plots.show()
    stages = {name: 1.0 + n for n, name in enumerate(STAGES)}
    for frame in range(50):
        plots.add(5 + frame / 25, stages, 40.0)
    _, values = plots.curves()
    assert plots.rate == pytest.approx(25, rel=0.05)
    assert (values["screen"] == 40).all()
    for name in STAGES:
        assert (values[name] == stages[name]).all()
    drawn = plots.findChildren(type(plots._latency))[1].listDataItems()
    assert any(np.asarray(curve.yData == 40).all() for curve in drawn)
