import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from painted import at, paint

from dfmamba_live.views.scan.arrows import (
    anchor_colours,
    arrow_shapes,
    paint_arrows,
    paint_dots,
    paint_grid,
)

points = st.tuples(st.floats(-900, 900), st.floats(-900, 900)).map(np.array)
widths = st.floats(0, 9).map(np.array)


@given(points, widths)
def test_an_arrow_of_no_length_is_a_point(point, width):
    shape = arrow_shapes(point, point, width)
    np.testing.assert_allclose(shape, np.broadcast_to(point, (7, 2)), atol=1e-9)


@given(points, points, widths)
def test_an_arrow_ends_at_its_tip_and_starts_around_its_start(start, end, width):
    shape = arrow_shapes(start, end, width)
    np.testing.assert_array_equal(shape[3], end)
    np.testing.assert_allclose((shape[0] + shape[6]) / 2, start, atol=1e-6)


@given(points, points, widths)
def test_nothing_of_an_arrow_lies_beyond_its_ends(start, end, width):
    along = end - start
    length = np.linalg.norm(along)
    if length > 1e-3:
        reached = (arrow_shapes(start, end, width) - start) @ along / length
        assert (reached > -1e-6).all()
        assert (reached < length + 1e-6).all()


def one_arrow(painter, negative, anchor=1):
    start, end = np.zeros((1, 9, 2)), np.zeros((1, 9, 2))
    start[0, anchor], end[0, anchor] = (10, 30), (90, 30)
    width = np.zeros((1, 9))
    width[0, anchor] = 8.0
    paint_arrows(painter, start, end, width, np.full((1, 9), negative))


@pytest.mark.parametrize("anchor", [0, 4, 8])
def test_arrows_have_their_anchors_colour_and_negative_ones_are_hollow(qapp, anchor):
    colour = anchor_colours(9)[anchor].getRgb()[:3]
    solid, hollow = (
        paint(100, 60, lambda painter, s=sign: one_arrow(painter, s, anchor))
        for sign in (False, True)
    )
    assert tuple(at(solid, (40, 30))) == colour
    assert tuple(at(hollow, (40, 30))) == (0, 0, 0)
    assert (hollow[26:35, 40] > 60).any()  # its edge


def test_what_does_not_count_is_left_out(qapp):
    def draw(painter):
        ends = np.array([[[10.0, 30], [90, 30]]])
        paint_arrows(painter, ends[:, :1], ends[:, 1:], np.zeros((1, 1)), np.zeros((1, 1), bool))

    assert not paint(100, 60, draw).any()


def test_a_grid_has_a_dot_at_each_anchor(qapp):
    rows, columns = np.indices((3, 3)).reshape(2, 9)
    anchors = np.stack([10.5 + 20 * columns, 10.5 + 20 * rows], axis=-1)[None]
    picture = paint(60, 60, lambda painter: paint_grid(painter, anchors))
    assert all(at(picture, place).min() > 100 for place in anchors[0])
    assert at(picture, (20, 10)).max() > 60  # on a line
    assert not at(picture, (20, 20)).any()  # between them


def test_dots_are_round(qapp):
    colour = anchor_colours(9)[0]
    picture = paint(
        40, 40, lambda painter: paint_dots(painter, np.array([[20.0, 20.0]]), colour, 8.0)
    )
    assert tuple(at(picture, (20, 20))) == colour.getRgb()[:3]
    assert not at(picture, (13, 13)).any()


def test_anchors_have_colours_of_their_own():
    assert len({colour.name() for colour in anchor_colours(9)}) == 9
    assert len({colour.name() for colour in anchor_colours(25)}) == 25
