import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.camera import Crop, Intrinsics

CROPS = st.builds(
    Crop,
    st.floats(-100, 900),
    st.floats(-100, 900),
    st.floats(1, 900),
    st.booleans(),
)
SIZES = st.sampled_from([1, 64, 128])
POINTS = np.random.default_rng(0).uniform(-50, 700, (21, 2))


def spot(x, y, height=120, width=160):
    """A soft white spot at a place in pixels, black elsewhere."""
    rows, columns = np.indices((height, width)) + 0.5
    grey = 250 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 60)
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


def middle(picture):
    light = picture[..., 0].astype(float)
    rows, columns = np.indices(light.shape) + 0.5
    return np.array([(light * columns).sum(), (light * rows).sum()]) / light.sum()


@given(st.integers(1, 4000), st.integers(1, 4000), st.floats(10, 170))
def test_the_assumed_camera_sees_its_angle_across_the_longer_side(width, height, fov_deg):
    camera = Intrinsics.assumed(width, height, fov_deg)
    edge = np.array([camera.cx, camera.cy])
    edge[np.argmax([width, height])] = 0
    x, y, z = camera.unproject(edge, np.array(1.0))
    assert np.rad2deg(2 * np.arctan2(np.hypot(x, y), z)) == pytest.approx(fov_deg)


@given(st.floats(100, 3000), st.floats(100, 3000))
def test_project_undoes_unproject(fx, fy):
    camera = Intrinsics(fx, fy, 310.0, 255.0)
    depth = np.linspace(100, 3000, len(POINTS))
    points = camera.unproject(POINTS, depth)
    np.testing.assert_array_equal(points[:, 2], depth)
    np.testing.assert_allclose(camera.project(points), POINTS)


@given(CROPS, SIZES)
def test_points_come_back_from_the_crop(crop, size):
    there = crop.to_crop(POINTS, size)
    np.testing.assert_allclose(crop.to_frame(there, size), POINTS, atol=1e-6)
    np.testing.assert_allclose(crop.to_crop(np.array([crop.x, crop.y]), size), [size / 2] * 2)


@given(CROPS)
def test_the_box_fills_its_share_of_the_crop_around_it(crop):
    around = Crop.around(POINTS, 2.0, crop.mirrored)
    seen = around.to_crop(POINTS, 100)
    assert np.ptp(seen, axis=0).max() == pytest.approx(50)
    np.testing.assert_allclose((seen.min(0) + seen.max(0)) / 2, 50)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("side", [40.0, 63.7, 150.0, 400.0])
def test_what_is_cut_out_lies_where_the_points_go(side, mirrored):
    crop = Crop(70.4, 61.2, side, mirrored)
    place = np.array([74.8, 58.3])
    cut = crop.extract(spot(*place), 64)
    assert cut.shape == (64, 64, 3)
    np.testing.assert_allclose(middle(cut), crop.to_crop(place, 64), atol=0.1)


def test_outside_the_frame_is_black():
    cut = Crop(0, 60, 100).extract(np.full((120, 160, 3), 255, np.uint8), 50)
    assert not cut[:, :24].any()
    assert (cut[:, 26:] == 255).all()


@given(CROPS)
def test_the_facing_camera_looks_at_the_crops_middle(crop):
    camera = Intrinsics.assumed(640, 480)
    turn = crop.facing(camera)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    ahead = np.array([0.0, 0.0, 700.0]) @ turn
    np.testing.assert_allclose(camera.project(ahead), [crop.x, crop.y], atol=1e-6)
