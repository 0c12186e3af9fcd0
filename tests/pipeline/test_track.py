import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spot import HAND_PX, detection, joints_at

from dfmamba.pipeline.track import SEARCH_EVERY_S, SETTLED, Tracker

SIZE = (320, 240)


def settled(*detections, max_hands=2):
    tracker = Tracker(max_hands)
    for _ in range(SETTLED):
        tracker.take_in(detections, 0.0)
    return tracker


def test_the_detector_runs_until_every_hand_is_settled_then_now_and_then():
    tracker = Tracker(2)
    assert tracker.search_due(0.0)
    for _ in range(SETTLED):
        assert tracker.search_due(0.0)
        tracker.take_in([detection(80, 120)], 0.0)
    assert not tracker.search_due(SEARCH_EVERY_S / 2)
    assert tracker.search_due(SEARCH_EVERY_S)
    assert not settled(detection(80, 120), max_hands=1).search_due(9.0)
    assert not settled(detection(80, 120), detection(240, 120)).search_due(9.0)


@given(st.lists(st.sampled_from(["left", "right"]), min_size=1, max_size=9))
def test_the_side_is_the_majority_of_the_last_votes(sides):
    tracker = Tracker(2)
    for side in sides:
        tracker.take_in([detection(100, 120, side)], 0.0)
    (track,) = tracker.tracks
    last = sides[-5:]
    if last.count("left") != last.count("right"):
        assert track.side == max(last, key=last.count)
    assert track.crop.mirrored == (track.side == "left")


def test_no_more_hands_than_asked_and_the_surest_first():
    tracker = Tracker(1)
    tracker.take_in([detection(80, 120, score=0.6), detection(240, 120, score=0.9)], 0.0)
    (track,) = tracker.tracks
    assert track.crop.x == pytest.approx(240)


def test_the_crop_follows_the_joints():
    tracker = settled(detection(100, 120))
    assert tracker.follow([joints_at(110, 125)], [0.9], SIZE) == [0]
    (track,) = tracker.tracks
    assert (track.crop.x, track.crop.y) == pytest.approx((110, 125))
    assert track.score == 0.9


@pytest.mark.parametrize(
    ("joints", "score"),
    [
        (joints_at(100, 120), 0.2),
        (joints_at(100, 120), np.nan),
        (joints_at(-60, 120), 0.9),
        (joints_at(100, 120) * np.nan, 0.9),
        (np.tile([[100.0, 120.0]], (21, 1)), 0.9),
        (160 + (joints_at(0, 0)) / HAND_PX * 600, 0.9),
    ],
    ids=["unsure", "not a number", "gone", "no place", "tiny", "huge"],
)
def test_a_hand_is_lost(joints, score):
    tracker = settled(detection(100, 120))
    assert tracker.follow([joints], [score], SIZE) == []
    assert tracker.tracks == []
    assert tracker.search_due(0.0)


def test_of_two_tracks_on_one_hand_the_better_stays():
    tracker = settled(detection(80, 120), detection(240, 120))
    assert tracker.follow([joints_at(150, 120), joints_at(160, 120)], [0.5, 0.8], SIZE) == [1]
    (track,) = tracker.tracks
    assert track.crop.x == pytest.approx(160)


def test_hands_side_by_side_both_stay():
    tracker = settled(detection(80, 120), detection(240, 120))
    assert tracker.follow([joints_at(100, 120), joints_at(180, 120)], [0.5, 0.8], SIZE) == [0, 1]
