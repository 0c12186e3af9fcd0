import numpy as np
import pytest

from dfmamba.evaluate.reliability import reliability, reliability_plot


def test_honest_confidence_lies_on_the_diagonal():
    make = np.random.default_rng(0)
    told = make.uniform(size=(2000, 21))
    right = make.uniform(size=told.shape) < told
    found = reliability(told, right)
    assert found.error < 0.02
    assert found.told == pytest.approx(found.right, abs=0.05)


def test_boasting_shows():
    told = np.full((500, 21), 0.9)
    right = np.random.default_rng(0).uniform(size=told.shape) < 0.5
    assert reliability(told, right).error == pytest.approx(0.4, abs=0.02)


def test_the_plot_shows_each_curve(tmp_path):
    make = np.random.default_rng(0)
    told = make.uniform(size=(50, 21))
    curves = {name: reliability(told, told > limit) for name, limit in (("a", 0.2), ("b", 0.8))}
    figure = reliability_plot(curves)
    for axes, (name, curve) in zip(figure.axes, curves.items(), strict=True):
        assert axes.get_title().startswith(f"{name}: off by")
        shown = axes.lines[-1].get_xydata()
        np.testing.assert_array_equal(shown, np.stack([curve.told, curve.right], axis=1))
    figure.savefig(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 1000
