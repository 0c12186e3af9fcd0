from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfmamba_live.views.scene import orbit
from dfmamba_live.views.scene.orbit import FURTHEST_MM, NEAREST_MM, STEEPEST, Orbit

POINTS = st.tuples(*[st.floats(-200, 200)] * 3)
ORBITS = st.builds(
    Orbit, st.floats(-3, 3), st.floats(-STEEPEST, STEEPEST), st.floats(100, 3000), POINTS
)
HANDS = st.tuples(st.floats(-300, 300), st.floats(-200, 200), st.floats(200, 1500))


@given(view=ORBITS)
def test_the_view_is_rigid_and_looks_at_its_target(view):
    matrix = view.view_matrix()
    np.testing.assert_allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1)
    seen = matrix @ np.array([*view.target, 1])
    np.testing.assert_allclose(seen[:3], [0, 0, view.distance], atol=1e-9)


@given(view=ORBITS, dx=st.floats(-300, 300), dy=st.floats(-300, 300))
def test_what_is_in_front_follows_the_mouse(view, dx, dy):
    panned = view.panned(dx, dy, 500)
    before, _ = view.project(np.array([view.target]), 600, 500)
    after, _ = panned.project(np.array([view.target]), 600, 500)
    np.testing.assert_allclose(after - before, [[dx, dy]], atol=1e-6)
    assert abs(view.dragged(dx, dy).pitch) <= STEEPEST
    level = Orbit(0, 0)
    front = np.array([[0.0, 0.0, -50.0]])
    moved = level.dragged(20, 30).project(front, 600, 500)[0] - level.project(front, 600, 500)[0]
    assert (moved > 0).all()


@given(steps=st.floats(-3, 3))
def test_zooming_in_and_out_comes_back(steps):
    assert Orbit().zoomed(steps).zoomed(-steps).distance == pytest.approx(Orbit().distance)


@given(view=ORBITS, steps=st.floats(-100, 100))
def test_zooming_stays_within_limits(view, steps):
    assert NEAREST_MM <= view.zoomed(steps).distance <= FURTHEST_MM


@given(start=ORBITS, end=ORBITS, share=st.floats(0, 1))
def test_the_way_to_another_view_ends_there_and_is_the_short_one(start, end, share):
    np.testing.assert_allclose(start.towards(end, 1.0).view_matrix(), end.view_matrix(), atol=1e-6)
    np.testing.assert_allclose(start.towards(end, 0.0).view_matrix(), start.view_matrix())
    assert abs(start.towards(end, share).yaw - start.yaw) <= pi + 1e-9


@pytest.mark.parametrize(
    ("preset", "right", "up", "ahead"),
    [
        (orbit.front, [1, 0, 0], [0, -1, 0], [0, 0, 1]),
        (orbit.side, [0, 0, 1], [0, -1, 0], [-1, 0, 0]),
        (orbit.top, [1, 0, 0], [0, 0, 1], [0, 1, 0]),
    ],
)
def test_presets_look_along_the_axes(preset, right, up, ahead):
    turned = preset((20.0, -10.0, 500.0), 100.0).rotation()
    np.testing.assert_allclose(turned, [right, np.negative(up), ahead], atol=1e-12)


@given(hands=HANDS, reach=st.floats(50, 400), way=st.tuples(*[st.floats(-1, 1)] * 3))
def test_presets_have_the_hands_in_view(hands, reach, way):
    joint = np.array(hands) + reach * np.array(way) / max(np.linalg.norm(way), 1)
    for preset in (orbit.home, orbit.front, orbit.own, orbit.side, orbit.top):
        ((x, y),), (depth,) = preset(hands, reach).project(joint[None], 640, 480)
        assert depth > 0
        assert -40 <= x <= 680
        assert -40 <= y <= 520


def test_in_their_owners_view_the_right_hand_is_on_the_right():
    seen = orbit.own((0.0, 0.0, 500.0), 100.0)
    # The camera sees the person's right hand at its left, where x is negative.
    ((x, _),), _ = seen.project(np.array([[-100.0, 0.0, 500.0]]), 640, 480)
    assert x > 320
    assert seen.rotation()[2, 2] < 0


@given(hands=HANDS)
def test_side_and_top_have_the_camera_in_view_too(hands):
    for preset in (orbit.side, orbit.top):
        ((x, y),), (depth,) = preset(hands, 100.0).project(np.zeros((1, 3)), 640, 480)
        assert -20 <= x <= 660
        assert -20 <= y <= 500
        assert depth > 0


@given(view=ORBITS, points=st.lists(POINTS, min_size=1, max_size=5))
def test_projecting_is_the_view_matrix_and_a_division(view, points):
    places = np.array(points)
    pixels, depth = view.project(places, 640, 480)
    seen = view.view_matrix() @ np.concatenate([places, np.ones((len(places), 1))], axis=1).T
    np.testing.assert_allclose(depth, seen[2], atol=1e-9)
    before = depth > 1
    focal = orbit.focal_length(480)
    np.testing.assert_allclose(
        pixels[before], (seen[:2] / seen[2]).T[before] * focal + [320, 240], atol=1e-6
    )
