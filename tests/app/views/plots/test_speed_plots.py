import numpy as np
import pytest
from fake_parts import make_hand, make_result

from dfmamba.pipeline import STAGES
from dfmamba_live.views.plots.speed import STEPS, SpeedPlots, steps_ms


@pytest.fixture
def plots(qtbot):
    plots = SpeedPlots("NVIDIA H200")
    qtbot.addWidget(plots)
    plots.show()
    return plots


def test_the_steps_sum_up_to_the_time_from_camera_to_screen():
    result = make_result(make_hand())
    steps = steps_ms(result, shown=result.finished + 0.007)
    assert sum(steps.values()) == pytest.approx(23 + 7)
    assert steps["wait"] == pytest.approx(3)
    assert steps["other"] == pytest.approx(20 - 4 * 2)
    assert steps["show"] == pytest.approx(7)
    assert {steps[stage] for stage in STAGES} == {2.0}


def test_plots_show_what_was_measured(plots):
    for frame in range(50):
        result = make_result(make_hand(), dropped=7, detected=frame % 5 == 0)
        plots.add(result, 5 + frame / 25)
    _, values = plots.curves()
    assert plots.rate == pytest.approx(25, rel=0.05)
    assert (values["network"] == 2).all()
    drawn = plots._curves["show"].yData
    np.testing.assert_allclose(drawn, sum(values[name] for name in STEPS)[: len(drawn)])
    assert "NVIDIA H200" in plots.facts
    assert "7 frames dropped" in plots.facts
    assert "detector in 20% of frames" in plots.facts


def test_nothing_is_drawn_while_hidden(plots):
    plots.hide()
    result = make_result(make_hand())
    plots.add(result, result.finished)
    assert "no frame shown yet" in plots.facts
    assert plots._curves["rate"].yData is None
    plots.show()
    plots.add(result, result.finished + 1)
    assert "0 frames dropped" in plots.facts
    assert len(plots._curves["rate"].yData) == 2
