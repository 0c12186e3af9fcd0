from dataclasses import replace

import numpy as np
import pytest
from fake_parts import GREY, HEIGHT, WIDTH, make_hand, make_result
from painted import at, pixels

from dfmamba.hand import JOINT_COLOURS, TIPS
from dfmamba_live.state import ViewState
from dfmamba_live.views.image import ImageView
from dfmamba_live.views.scan.overlay import ScanOverlay


@pytest.fixture
def view(qtbot):
    view = ImageView(ScanOverlay())
    qtbot.addWidget(view)
    view.resize(WIDTH * 2, HEIGHT * 2)
    return view


@pytest.mark.parametrize("mirrored", [False, True])
def test_each_joint_is_painted_in_its_fingers_colour(view, mirrored):
    hand = make_hand(x=120)
    view.show_state(ViewState(mirrored=mirrored))
    view.show_result(make_result(hand))
    picture = pixels(view)
    for joint in (0, *TIPS):
        x, y = hand.joints_px[joint] * 2
        colour = at(picture, (WIDTH * 2 - x if mirrored else x, y))
        np.testing.assert_allclose(colour, JOINT_COLOURS[joint], atol=12)


@pytest.mark.parametrize("mirrored", [False, True])
def test_unsure_joints_fade(view, mirrored):
    sure = make_hand(x=120)
    confidence = np.ones(21)
    confidence[TIPS[2]] = 0.0
    view.show_state(ViewState(mirrored=mirrored))
    view.show_result(make_result(replace(sure, confidence=confidence)))
    picture = pixels(view)
    distances = [
        np.abs(at(picture, view.to_widget(sure.joints_px[joint])) - JOINT_COLOURS[joint]).sum()
        for joint in TIPS
    ]
    assert distances[2] > 100
    assert max(distances[:2] + distances[3:]) < 36


@pytest.mark.parametrize("mirrored", [False, True])
def test_raw_joints_are_a_white_ghost_on_request(view, mirrored):
    raw = make_hand(x=60).joints_px
    view.show_result(make_result(replace(make_hand(x=220), raw_px=raw)))
    view.show_state(ViewState(mirrored=mirrored))
    (bone,) = view.to_widget((raw[:1] + raw[9:10]) / 2)
    assert (at(pixels(view), bone) == GREY).all()
    view.show_state(ViewState(mirrored=mirrored, ghost=True))
    assert at(pixels(view), bone).min() > GREY + 40


def test_the_frame_fills_the_view_and_keeps_its_shape(view):
    view.resize(WIDTH * 2, HEIGHT * 3)
    view.show_result(make_result(make_hand()))
    picture = pixels(view)
    assert (picture[HEIGHT // 2 + 2, :] == GREY).all()
    assert (picture[HEIGHT // 2 - 2, :] != GREY).all()


def test_mirrored_labels_read_as_before(view):
    """A hand in the middle: the picture mirrors, its label does not."""
    view.show_result(make_result(make_hand(x=WIDTH / 2)))
    plain = pixels(view)
    view.show_state(ViewState(mirrored=True))
    mirrored = pixels(view)
    label = np.s_[150:182, 270:370]
    assert (plain[label] > 200).any()
    np.testing.assert_allclose(plain[label], mirrored[label], atol=3)
    assert not np.array_equal(plain, mirrored)


def test_no_hand_is_said(view):
    view.show_result(make_result())
    assert (pixels(view)[-60:-20] > 200).any()
    view.show_result(make_result(make_hand()))
    assert not (pixels(view)[-60:-20] > 200).any()


@pytest.mark.parametrize("width", [WIDTH * 2, 240])
def test_a_note_lies_over_the_picture_until_it_is_taken_away(view, width):
    view.resize(width, HEIGHT * 2)
    view.show_result(make_result(make_hand()))
    plain = pixels(view)
    view.show_note("the camera is not plugged in; plug it in to go on")
    noted = pixels(view)
    changed = np.argwhere((noted != plain).any(axis=-1))
    assert changed[:, 0].min() > HEIGHT
    assert changed[:, 1].min() > 0  # it wraps within a narrow view
    assert changed[:, 1].max() < width - 1
    view.show_result(make_result(make_hand()))
    np.testing.assert_array_equal(pixels(view), noted)
    view.show_note("")
    np.testing.assert_array_equal(pixels(view), plain)


def test_painted_follows_each_new_result_once(view, qtbot):
    shown = []
    view.painted.connect(shown.append)
    view.show()
    new = make_result(make_hand())
    view.show_result(new)
    qtbot.waitUntil(lambda: shown == [new])
    view.repaint()
    assert shown == [new]


def test_a_damaged_frame_is_marked(view):
    whole = make_result(make_hand())
    view.show_result(whole)
    before = pixels(view)
    view.show_result(replace(whole, frame=replace(whole.frame, damaged=True)))
    changed = (pixels(view) != before).any(axis=2)
    rows, _ = np.nonzero(changed)
    assert rows.size > 500
    assert rows.min() > HEIGHT  # a note in the lower half; the hand stays as it was
