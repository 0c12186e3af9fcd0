from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spot import HAND_PX, SHAPE, detection, joints_at

from dfmamba.pipeline.detect import Detection, crop_of
from dfmamba.pipeline.reader import Reading
from dfmamba.pipeline.track import HELD, SETTLED, Track
from dfmamba.pipeline.tracker import (
    DOUBTFUL_EVERY_S,
    REMEMBERED_S,
    SEARCH_EVERY_S,
    UNCONFIRMED,
    Tracker,
)

SIZE = (320, 240)
SIDES = st.sampled_from(["left", "right"])


def reading(joints_px, sure=0.9, right_side=0.9, present=0.9):
    return Reading(joints_px, np.zeros((21, 3)), np.full(21, sure), present, right_side)


def nothing(joints_px=None):
    joints_px = joints_at(100, 120) if joints_px is None else joints_px
    return reading(joints_px, sure=0.05, present=0.05)


def settled(*detections, max_hands=2):
    tracker = Tracker(max_hands)
    for _ in range(SETTLED):
        tracker.take_in(detections, 0.0)
    return tracker


def followed(*detections, max_hands=2):
    """A tracker whose hands the network has seen."""
    tracker = settled(*detections, max_hands=max_hands)
    tracker.follow([reading(each.joints_px) for each in detections], SIZE)
    return tracker


def seen_as(side):
    """One and the same hand, of which the detector tells this side."""
    return replace(detection(100, 120), side=side, crop=crop_of(joints_at(100, 120), side))


def appearing(side, x, seconds):
    """The side of a hand that appears at x, some time after a right one was lost at 80."""
    tracker = followed(detection(80, 120))
    for _ in range(HELD + 1):
        tracker.follow([nothing()], SIZE)
    assert tracker.tracks == []
    joints_px = joints_at(x, 120)
    new = replace(detection(x, 120), side=side, score=0.8, crop=crop_of(joints_px, side))
    tracker.take_in([new], seconds)
    (track,) = tracker.tracks
    assert track.crop.mirrored == (track.side == "left")
    return track.side


def test_a_hand_that_comes_back_at_once_keeps_its_side():
    """Smeared by motion, it is lost and found, and taken for the other one."""
    assert appearing("left", 120, 0.2) == "right"
    assert appearing("left", 120, REMEMBERED_S + 0.1) == "left"
    assert appearing("left", 280, 0.2) == "left"


def posed(x, y, side, shape):
    """A detection of a hand in another pose than the stand-in's."""
    joints_px = np.array([x, y]) + HAND_PX * shape * [-1 if side == "left" else 1, 1]
    return Detection(crop_of(joints_px, side), side, 0.9, joints_px)


def test_the_detector_runs_until_every_hand_is_settled_then_now_and_then():
    tracker = Tracker(2)
    assert tracker.search_due(0.0)
    for _ in range(SETTLED):
        assert tracker.search_due(0.0)
        tracker.take_in([detection(80, 120)], 0.0)
    tracker.follow([reading(joints_at(80, 120))], SIZE)
    assert not tracker.search_due(SEARCH_EVERY_S / 2)
    assert tracker.search_due(SEARCH_EVERY_S)
    assert not followed(detection(80, 120), max_hands=1).search_due(9.0)
    assert not followed(detection(80, 120), detection(240, 120)).search_due(9.0)


@given(st.lists(SIDES, min_size=SETTLED, max_size=SETTLED))
def test_the_side_is_the_majority_of_the_first_looks(sides):
    tracker = Tracker(2)
    for side in sides:
        tracker.take_in([seen_as(side)], 0.0)
    (track,) = tracker.tracks
    assert track.side == max(sides, key=sides.count)
    assert track.crop.mirrored == (track.side == "left")


@given(SIDES, st.integers(1, SETTLED))
def test_a_settled_hand_keeps_its_side_while_the_detector_wavers(side, errors):
    other = "left" if side == "right" else "right"
    tracker = settled(seen_as(side))
    for index in range(30):
        wrong = index % (2 * errors) < errors
        tracker.take_in([seen_as(other if wrong else side)], (1 + index) * SEARCH_EVERY_S)
        assert tracker.tracks[0].side == side


def test_the_network_mends_a_side_that_the_detector_got_wrong():
    tracker = followed(detection(100, 120, "left"))
    (track,) = tracker.tracks
    sides = []
    for _ in range(60):
        tracker.follow([reading(joints_at(100, 120), right_side=0.05)], SIZE)
        sides.append(track.side)
        if track.side == "right":
            break
    assert sides.count("left") > 10  # the detector was sure: one frame does not turn it
    assert sides[-1] == "right"
    assert not track.crop.mirrored
    for _ in range(200):
        tracker.follow([reading(joints_at(100, 120), right_side=0.95)], SIZE)
        assert track.side == "right"


@pytest.mark.parametrize(
    ("own", "mirrored", "side"),
    [
        ((0.9, 0.02), (0.9, 0.98), "right"),
        ((0.9, 0.45), (0.9, 0.55), "left"),  # the network does not know, the detector does
        ((0.9, 0.98), (0.9, 0.02), "left"),
        ((0.3, 0.50), (0.8, 0.50), "right"),  # it sees joints of a right hand only
        ((0.7, 0.95), (0.9, 0.30), "left"),  # its joints say this, its side that
    ],
)
def test_a_new_hand_takes_the_side_that_it_reads_as(own, mirrored, side):
    track = Track.start(detection(100, 120, "left", score=0.8))
    looks = [reading(track.joints_px, sure, right) for sure, right in (own, mirrored)]
    assert track.turned(*looks) == (side == "right")
    assert track.side == side


def test_a_network_that_cannot_tell_the_side_leaves_it():
    tracker = followed(detection(100, 120, "left"))
    for _ in range(300):
        tracker.follow([reading(joints_at(100, 120), right_side=0.5)], SIZE)
    assert tracker.tracks[0].side == "left"


def test_no_more_hands_than_asked_and_the_surest_are_shown():
    tracker = Tracker(1)
    tracker.take_in([detection(80, 120), detection(240, 120)], 0.0)
    readings = [reading(joints_at(80, 120), sure=0.6), reading(joints_at(240, 120))]
    assert tracker.follow(readings, SIZE) == [1]
    (track,) = tracker.tracks
    assert track.crop.x == pytest.approx(240)


def test_the_crop_follows_the_joints():
    tracker = settled(detection(100, 120))
    assert tracker.follow([reading(joints_at(110, 125))], SIZE) == [0]
    (track,) = tracker.tracks
    assert (track.crop.x, track.crop.y) == pytest.approx((110, 125))
    assert track.score == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("joints", "score"),
    [
        (joints_at(100, 120), 0.1),
        (joints_at(100, 120), np.nan),
        (joints_at(-60, 120), 0.9),
        (joints_at(100, 120) * np.nan, 0.9),
        (np.tile([[100.0, 120.0]], (21, 1)), 0.9),
        (160 + (joints_at(0, 0)) / HAND_PX * 600, 0.9),
    ],
    ids=["unsure", "not a number", "gone", "no place", "tiny", "huge"],
)
def test_a_hand_is_lost(joints, score):
    tracker = followed(detection(100, 120))
    for _ in range(HELD + 1):
        assert len(tracker.tracks) == 1
        assert tracker.follow([reading(joints, sure=score)], SIZE) == []
        assert tracker.search_due(0.0)
    assert tracker.tracks == []


def test_what_is_no_hand_is_dropped_at_once():
    tracker = settled(detection(100, 120))
    assert tracker.follow([nothing()], SIZE) == []
    assert tracker.tracks == []


def test_a_known_hand_stays_at_a_score_at_which_none_begins():
    doubtful = reading(joints_at(100, 120), sure=0.4, present=0.4)
    assert followed(detection(100, 120)).follow([doubtful], SIZE) == [0]
    assert settled(detection(100, 120)).follow([doubtful], SIZE) == []


def test_a_hand_missed_for_a_moment_goes_on_as_the_same():
    tracker = followed(detection(100, 120))
    (track,) = tracker.tracks
    for _ in range(HELD):
        assert tracker.follow([nothing()], SIZE) == []
    assert tracker.follow([reading(joints_at(104, 120))], SIZE) == [0]
    assert tracker.tracks == [track]


def test_the_detector_puts_a_missed_hand_back():
    tracker = followed(detection(100, 120))
    (track,) = tracker.tracks
    tracker.follow([nothing()], SIZE)
    tracker.take_in([detection(130, 120)], 0.1)
    assert tracker.tracks == [track]
    assert track.crop.x == pytest.approx(130)


def test_a_missed_hand_gives_way_to_one_found_elsewhere():
    tracker = followed(detection(80, 120), max_hands=1)
    tracker.follow([nothing()], SIZE)
    tracker.take_in([detection(240, 120)], 0.1)
    assert tracker.follow([nothing(), reading(joints_at(240, 120))], SIZE) == [1]
    (track,) = tracker.tracks
    assert track.crop.x == pytest.approx(240)


@pytest.mark.parametrize("max_hands", [1, 2])
def test_a_hand_that_took_a_missed_ones_place_near_there_keeps_its_side(max_hands):
    tracker = followed(detection(80, 120), max_hands=max_hands)
    tracker.follow([nothing()], SIZE)
    tracker.take_in([detection(200, 120, "left", score=0.8)], 0.1)
    assert tracker.tracks[-1].returned
    assert tracker.tracks[-1].side == "right"


def test_of_two_tracks_on_one_hand_the_better_stays():
    tracker = settled(detection(80, 120), detection(240, 120))
    readings = [reading(joints_at(150, 120), sure=0.6), reading(joints_at(160, 120), sure=0.8)]
    assert tracker.follow(readings, SIZE) == [1]
    (track,) = tracker.tracks
    assert track.crop.x == pytest.approx(160)


def test_a_hand_doubled_by_an_error_of_the_detector_keeps_its_track_and_side():
    tracker = followed(detection(100, 120, "right"))
    (track,) = tracker.tracks
    tracker.take_in([detection(100, 120), posed(135, 120, "left", SHAPE)], 0.0)
    assert len(tracker.tracks) == 2
    as_left = reading(joints_at(104, 120, "left"), sure=0.95, right_side=0.3)
    assert tracker.follow([reading(joints_at(100, 120)), as_left], SIZE) == [0]
    assert tracker.tracks == [track]
    assert track.side == "right"


def test_hands_side_by_side_both_stay():
    tracker = settled(detection(80, 120), detection(240, 120))
    readings = [reading(joints_at(100, 120), sure=0.6), reading(joints_at(180, 120), sure=0.8)]
    assert tracker.follow(readings, SIZE) == [0, 1]


def test_a_left_and_a_right_hand_that_cross_stay_two():
    fist = 0.5 * np.roll(SHAPE, 7, axis=0)
    path = np.linspace(80, 240, 33)
    tracker = followed(detection(80, 120, "left"), posed(240, 120, "right", fist))
    for x in path:
        left, right = detection(x, 120, "left"), posed(320 - x, 120, "right", fist)
        tracker.take_in([right, left], 0.0)
        assert tracker.follow([reading(left.joints_px), reading(right.joints_px)], SIZE) == [0, 1]
        assert [track.side for track in tracker.tracks] == ["left", "right"]


def test_two_hands_of_one_side_on_one_spot_are_one():
    fist = np.roll(SHAPE, 3, axis=0) * 0.9
    tracker = followed(detection(80, 120), detection(240, 120))
    near = posed(165, 120, "right", 0.5 * SHAPE + 0.5 * fist)
    kept = tracker.follow([reading(joints_at(160, 120)), reading(near.joints_px)], SIZE)
    assert len(kept) == 1


def knuckle():
    """Joints read, with doubt, on a part of the hand at (100, 120)."""
    return reading(joints_at(100, 120) * 0.4 + 0.6 * np.array([110, 130]), sure=0.3, present=1.0)


def test_doubtful_joints_do_not_shrink_the_crop():
    tracker = followed(detection(100, 120))
    (track,) = tracker.tracks
    size = track.crop.side
    for _ in range(5):
        assert tracker.follow([knuckle()], SIZE) == [0]
    assert track.crop.side == size
    assert tracker.search_due(SEARCH_EVERY_S)


def test_the_detector_puts_right_a_hand_lost_on_a_part_of_it():
    tracker = followed(detection(100, 120))
    (track,) = tracker.tracks
    tracker.follow([knuckle()], SIZE)
    tracker.take_in([detection(100, 120)], 1.0)
    assert tracker.tracks == [track]
    assert track.crop == detection(100, 120).crop


def test_a_doubtful_hand_that_the_detector_does_not_find_is_dropped():
    tracker = followed(detection(100, 120))
    for count in range(UNCONFIRMED):
        assert len(tracker.tracks) == 1, count
        tracker.follow([knuckle()], SIZE)
        tracker.take_in([], (1 + count) * DOUBTFUL_EVERY_S)
    assert tracker.tracks == []


def test_a_sure_hand_needs_no_detector():
    tracker = followed(detection(100, 120))
    for _ in range(3 * UNCONFIRMED):
        tracker.follow([reading(joints_at(100, 120))], SIZE)
        tracker.take_in([], 0.0)
    assert len(tracker.tracks) == 1


def test_of_a_hand_and_a_part_of_it_the_hand_stays():
    tracker = settled(detection(60, 120), detection(240, 120))
    assert tracker.follow([knuckle(), reading(joints_at(100, 120))], SIZE) == [1]


def test_a_doubtful_hand_that_the_detector_takes_for_the_other_one_stays_one():
    tracker = followed(detection(100, 120, "right"))
    tracker.follow([reading(joints_at(100, 120), sure=0.3, present=1.0)], SIZE)
    tracker.take_in([detection(105, 120, "left")], 0.0)  # its joints lie elsewhere: mirrored
    (track,) = tracker.tracks
    assert track.side == "right"
