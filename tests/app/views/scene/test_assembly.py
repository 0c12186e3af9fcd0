import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scene_parts import make_pose, make_stage

from dfmamba.camera import Intrinsics
from dfmamba_live.views.scene.assembly import GROUND_S, Stage
from dfmamba_live.views.scene.hands import joints_of
from dfmamba_live.views.scene.look import DARK
from dfmamba_live.views.scene.orbit import Orbit
from dfmamba_live.views.scene.surroundings import IMAGE_MM, camera_lines, grid_spacing, ground_lines


def centre(hand):
    return joints_of(hand).mean(axis=0)


def test_the_focus_is_on_the_first_hand_at_once_and_goes_after_it():
    first, second = make_pose(), make_pose(wrist=(100.0, 0.0, 600.0))
    stage = make_stage(first)
    np.testing.assert_allclose(stage.focus, centre(first))
    stage.take([second], 0.1)
    assert np.linalg.norm(stage.focus - centre(first)) > 0
    stage.take([second], 9.0)
    np.testing.assert_allclose(stage.focus, centre(second), atol=1)


def test_without_following_the_focus_stays():
    stage = make_stage(make_pose())
    before = stage.focus
    stage.take([make_pose(wrist=(100.0, 0.0, 600.0))], 0.1, follow=False)
    np.testing.assert_array_equal(stage.focus, before)


@given(heights=st.lists(st.floats(-300, 900), min_size=1, max_size=5))
def test_the_ground_is_below_every_hand_and_does_not_rise_at_once(heights):
    stage, before = Stage(), 0.0
    for count, height in enumerate(heights):
        hand = make_pose(wrist=(0.0, height, 500.0))
        stage.take([hand], 0.1 * count)
        assert stage.ground_mm > joints_of(hand)[:, 1].max()
        assert stage.ground_mm >= before
        before = stage.ground_mm


def test_the_ground_rises_again_after_a_while():
    stage = make_stage(make_pose())
    usual = stage.ground_mm
    stage.take([make_pose(wrist=(0.0, 800.0, 500.0))], 1.0)
    low = stage.ground_mm
    stage.take([make_pose()], 2.0)
    assert stage.ground_mm == low > usual
    stage.take([make_pose()], 1.1 + GROUND_S)
    assert stage.ground_mm == usual


def test_a_scene_can_leave_the_trails_out():
    stage = make_stage(make_pose())
    stage.take([make_pose(wrist=(20.0, 60.0, 500.0))], 0.1)
    with_trails, without = (
        len(stage.scene(Orbit(), DARK, 1.0, trails).rods.ends) for trails in (True, False)
    )
    assert with_trails == without + 5


@given(distance=st.floats(100, 4000))
def test_the_grid_has_round_spacing_and_lies_on_the_ground(distance):
    orbit = Orbit(distance=distance, target=(30.0, 0.0, 470.0))
    spacing = grid_spacing(orbit)
    lines = ground_lines(orbit, 150.0, DARK)
    assert set(np.unique(lines.ends[..., 1])) == {150.0}
    # Each line lies on a multiple of the spacing, along x or along z.
    off = np.abs(lines.ends / spacing - np.round(lines.ends / spacing)).max(axis=1)[:, [0, 2]]
    assert off.min(axis=1).max() < 1e-6
    assert 3 < distance / spacing < 15


def test_the_drawn_camera_projects_onto_its_own_picture():
    camera = Intrinsics(500.0, 510.0, 330.0, 225.0)
    lines = camera_lines(camera, 640, 480, DARK)
    ahead = lines.ends[lines.ends[..., 2].min(axis=1) >= IMAGE_MM - 1e-6].reshape(-1, 3)
    in_picture = camera.project(ahead)
    corners = np.array([[0, 0], [640, 0], [640, 480], [0, 480]])
    for corner in corners:
        assert np.abs(in_picture - corner).max(axis=1).min() < 1e-6
