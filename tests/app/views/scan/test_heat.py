from dataclasses import replace

import numpy as np
import pytest
from fake_parts import make_trace
from painted import at, paint
from PySide6.QtCore import QPointF

from dfmamba_live.views.scan.heat import (
    HEATS,
    OPACITY,
    heat_colours,
    paint_heat,
    paint_legend,
)


@pytest.mark.parametrize("flipped", [False, True])
def test_the_pixels_match_the_values(qapp, flipped):
    values = np.arange(6.0).reshape(2, 3)
    ends = np.array([[5.0, 10.0], [65.0, 50.0]])
    start, end = (ends * [-1, 1] + [70, 0]) if flipped else ends
    picture = paint(70, 60, lambda painter: paint_heat(painter, values, (0.0, 5.0), start, end))
    for row, column in np.ndindex(2, 3):
        place = start + (end - start) * [(column + 0.5) / 3, (row + 0.5) / 2]
        wanted = OPACITY * heat_colours(values[row, column], 0.0, 5.0)
        np.testing.assert_allclose(at(picture, place), wanted, atol=2)
    assert not picture[:9].any()
    assert not picture[:, 66:].any()


def test_more_is_brighter_and_beyond_the_range_is_its_end():
    ramp = heat_colours(np.linspace(0, 1, 20), 0, 1).astype(int).sum(axis=-1)
    assert ramp[-1] > ramp[10] > ramp[0]
    np.testing.assert_array_equal(
        heat_colours(np.array([9.0]), 0, 1), heat_colours(1.0, 0, 1)[None]
    )


def test_each_map_shows_its_number():
    trace = make_trace(offset=-1.5)
    trace = replace(trace, weights=-trace.weights, step=np.arange(64) / 64)
    np.testing.assert_allclose(HEATS["offset"].of(trace), np.full(64, 1.5))
    np.testing.assert_allclose(HEATS["weight"].of(trace), np.full(64, 1.0))
    np.testing.assert_allclose(HEATS["dt"].of(trace), np.arange(64) / 64)


def test_the_legend_shows_both_ends_of_the_colours(qapp):
    picture = paint(
        240, 80,
        lambda painter: paint_legend(painter, HEATS["dt"], (0.0, 0.1), QPointF(10, 70)),
    )  # fmt: skip
    for value, column in ((0.0, 24), (1.0, 210)):
        wanted = heat_colours(np.array(value), 0, 1)
        np.testing.assert_allclose(picture[42, column], wanted, atol=8)
