import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scene_parts import make_pose

from dfmamba.hand import BONES, JOINT_COLOURS, JOINT_COUNT, SIDE_COLOURS, TIPS, WRIST
from dfmamba_live.views.scene.hands import TRAIL_S, Trails, hand_shapes, joints_of
from dfmamba_live.views.scene.look import DARK, shares


def test_joints_and_bones_lie_where_the_pose_says():
    hand = make_pose()
    balls, rods = hand_shapes([hand], DARK, 1.0)
    np.testing.assert_array_equal(balls.centres, hand.camera_mm)
    for (parent, child), ends in zip(BONES, rods.ends, strict=False):
        np.testing.assert_array_equal(ends, hand.camera_mm[[parent, child]])
    np.testing.assert_allclose(balls.colours[1:], np.array(JOINT_COLOURS)[1:] / 255)


def test_a_hand_at_an_unknown_distance_is_shown_before_the_camera():
    joints = joints_of(make_pose(wrist=None))
    assert (joints[:, 2] > 200).all()


def test_left_and_right_have_colours_of_their_own():
    balls, _ = hand_shapes([make_pose("left"), make_pose("right")], DARK, 1.0)
    wrists = balls.colours[[WRIST, JOINT_COUNT + WRIST]]
    np.testing.assert_allclose(wrists, [shares(SIDE_COLOURS[side]) for side in ("left", "right")])
    assert np.abs(wrists[0] - wrists[1]).max() > 0.2


@given(low=st.floats(0, 0.9))
def test_the_less_sure_the_nearer_to_the_background(low):
    def contrast(confidence):
        balls, rods = hand_shapes([make_pose(confidence=confidence)], DARK, 1.0)
        paper = shares(DARK.background)
        return np.abs(balls.colours - paper).sum(), np.abs(rods.colours - paper).sum()

    assert all(np.less(contrast(low), contrast(low + 0.1)))
    assert min(contrast(0.0)) > 1


def test_thickness_changes_all_radii():
    thin, thick = (hand_shapes([make_pose()], DARK, share) for share in (0.5, 2.0))
    for slim, fat in zip(thin, thick, strict=True):
        np.testing.assert_allclose(4 * slim.radii, fat.radii)


def trail_of(steps, **settings):
    """Trails of a right hand that goes 10 mm to the right in each frame of 0.1 s."""
    trails = Trails()
    for step in range(steps):
        trails.add(0.1 * step, [make_pose(wrist=(10.0 * step, 60, 500), **settings)])
    return trails


def test_trails_follow_the_fingertips_and_fade():
    rods = trail_of(6).rods(DARK, 1.0)
    assert len(rods.ends) == 5 * len(TIPS)
    last = make_pose(wrist=(50.0, 60, 500)).camera_mm[list(TIPS)]
    np.testing.assert_allclose(rods.ends[-len(TIPS) :, 1], last)
    assert (np.diff(rods.radii[:: len(TIPS), 0]) > 0).all()
    contrast = np.abs(rods.colours - shares(DARK.background)).max(axis=(1, 2))
    assert (np.diff(contrast[:: len(TIPS)]) > 0).all()


def test_trails_forget():
    whole = trail_of(100).rods(DARK, 1.0)
    assert len(whole.ends) <= (TRAIL_S / 0.1 + 1) * len(TIPS)
    trails = trail_of(6)
    trails.add(0.5 + 1.1 * TRAIL_S, [])
    assert len(trails.rods(DARK, 1.0).ends) == 0


def test_a_clip_that_starts_again_begins_a_new_trail():
    trails = trail_of(6)
    trails.add(0.0, [make_pose()])
    assert len(trails.rods(DARK, 1.0).ends) == 0


def test_a_frame_that_is_looked_at_again_takes_its_place():
    trails = trail_of(6)
    before = trails.rods(DARK, 1.0).ends
    trails.add(0.5, [make_pose(wrist=(50.0, 60, 500))])
    np.testing.assert_array_equal(trails.rods(DARK, 1.0).ends, before)


def test_a_leap_and_the_other_hand_leave_no_line():
    trails = trail_of(2)
    trails.add(0.3, [make_pose("left", (10.0, 60, 500))])
    assert len(trails.rods(DARK, 1.0).ends) == len(TIPS)
    for pause_s, leap_mm in ((0.03, 200.0), (0.3, 1500.0)):
        trails = Trails()
        trails.add(0.0, [make_pose()])
        trails.add(pause_s, [make_pose(wrist=(leap_mm, 60, 500))])
        assert np.ptp(trails.rods(DARK, 1.0).ends, axis=1).max() == 0
