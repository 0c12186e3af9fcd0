import numpy as np
import pytest
from fake_parts import make_trace
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.camera import Crop
from dfmamba_live.views.scan.places import (
    cell_corners,
    offset_lengths,
    scan_places,
    share_on_grid,
    tokens_at,
)

crops = st.builds(
    Crop, st.floats(-400, 1400), st.floats(-400, 1400), st.floats(4, 900), st.booleans()
)
offsets = st.floats(-12, 12)


def test_places_lie_where_the_trace_says():
    places = scan_places(make_trace(size=8, offset=0.5), Crop(100, 60, 80))
    np.testing.assert_allclose(places.centres[[0, 9]], [[65, 25], [75, 35]])
    np.testing.assert_allclose(places.anchors[9, 4], [75, 35])
    np.testing.assert_allclose(places.anchors[9, 2], [85, 25])  # a row up, a column right
    np.testing.assert_allclose(places.sampled[9, 4], [75, 40])


@given(crops)
def test_without_offsets_the_anchors_are_read(crop):
    places = scan_places(make_trace(offset=0.0), crop)
    np.testing.assert_array_equal(places.sampled, places.anchors)
    np.testing.assert_array_equal(places.moved, 0)


@given(crops, offsets)
def test_a_mirrored_crop_mirrors_the_places(crop, offset):
    other = Crop(crop.x, crop.y, crop.side, not crop.mirrored)
    plain, mirrored = (scan_places(make_trace(offset=offset), each) for each in (crop, other))
    turned = [2 * crop.x, 0] + mirrored.sampled * [-1, 1]
    np.testing.assert_allclose(turned, plain.sampled, atol=1e-6)


@given(crops, offsets)
def test_distances_in_the_frame_are_tokens_times_their_edge(crop, offset):
    places = scan_places(make_trace(offset=offset), crop)
    apart = np.linalg.norm(places.sampled - places.anchors, axis=-1)
    np.testing.assert_allclose(apart, places.moved * crop.side / 8, atol=1e-6)


@given(crops)
def test_each_centre_is_found_in_its_own_token(crop):
    trace = make_trace()
    centres = scan_places(trace, crop).centres
    np.testing.assert_array_equal(tokens_at(trace, crop, centres), np.arange(64))
    for token in (0, 17, 63):
        np.testing.assert_array_equal(tokens_at(trace, crop, centres[[token]]), [token])
        corners = cell_corners(trace, crop, np.array([token]))[0]
        np.testing.assert_allclose(corners.mean(axis=0), centres[token], atol=1e-6)


def test_outside_the_crop_there_is_no_token():
    outside = np.array([[0.0, 0.0], [141.0, 60.0]])
    assert tokens_at(make_trace(), Crop(100, 60, 80), outside).size == 0


@pytest.mark.parametrize(
    ("offset", "share"), [(0, 1), (0.5, 1), (7, 1), (7.25, 0.75), (7.5, 0.5), (8, 0), (-1, 0)]
)
def test_what_leaves_the_grid_reads_less(offset, share):
    """Of the middle anchor of the first row's tokens, moved down: bilinear, zero outside."""
    places = scan_places(make_trace(offset=float(offset)), Crop(100, 60, 80))
    np.testing.assert_allclose(places.inside[:8, 4], share)
    np.testing.assert_allclose(places.strength[:8, 4], share / 9)


def test_the_share_on_grid_is_the_mean():
    trace = make_trace(offset=2.25)
    mean = scan_places(trace, Crop(100, 60, 80)).inside.mean()
    np.testing.assert_allclose(share_on_grid(trace), mean)
    assert share_on_grid(make_trace(offset=50.0)) == 0


def test_offsets_have_lengths():
    np.testing.assert_allclose(offset_lengths(make_trace(offset=-0.5)), np.full((64, 9), 0.5))
