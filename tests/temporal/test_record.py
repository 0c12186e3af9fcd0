import numpy as np
import pytest
from made import pose
from spot import SpotNetwork, ToldDetector, detection, picture

from dfmamba.frame import Frame
from dfmamba.temporal.record import Series, record

RATE = 30


def frames(places):
    pictures = [picture() if x is None else picture((x, 110)) for x in places]
    return [Frame(each, index / RATE) for index, each in enumerate(pictures)]


def test_a_hand_that_moves_is_one_series_and_what_was_read_is_not_smoothed():
    path = [100 + 4 * i for i in range(12)]
    made = record(SpotNetwork(), frames(path), detector=ToldDetector(detection(100, 110)))
    (hand,) = made.hands
    assert hand.indices == list(range(12))
    assert made.shown == (1,) * 12
    assert made.flips == made.gaps == 0
    (run,) = hand.runs(12)
    assert run.pixels[:, 0, 0] - run.pixels[0, 0, 0] == pytest.approx(np.subtract(path, 100), abs=2)


def test_a_frame_without_the_hand_is_a_gap_and_ends_a_run():
    path = [100, 100, 100, None, 100, 100]
    made = record(SpotNetwork(), frames(path), detector=ToldDetector(detection(100, 110)))
    (hand,) = made.hands
    assert made.gaps == hand.gaps == 1
    assert made.shown == (1, 1, 1, 0, 1, 1)
    assert [len(run.times_s) for run in hand.runs(2)] == [3, 2]
    assert [len(run.times_s) for run in hand.runs(3)] == [3]


def test_a_change_of_side_is_a_flip_and_ends_a_run():
    hand, joints = Series(), np.random.default_rng(0).uniform(0, 99, (21, 2))
    for index, side in enumerate(("left", "left", "right", "left")):
        hand.add(index, index / RATE, pose(joints, side=side))
    assert hand.flips == 2
    assert [len(run.times_s) for run in hand.runs(1)] == [2, 1, 1]
    assert np.isnan(hand.runs(2)[0].root).all()
