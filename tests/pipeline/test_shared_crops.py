"""A network that reads two hands of a crop: crops are shared, and each hand has its own track."""

import numpy as np
import pytest
from spot import ToldDetector, detection, joints_at
from two_hands import SIDES, TwoHandNetwork, around_both, both

from dfmamba.camera import Crop
from dfmamba.frame import Frame
from dfmamba.pipeline import HandEstimator

NEAR = (130, 120), (190, 120)
APART = (80, 120), (240, 120)
RATE = 30


def estimator(*seen, network=None, **options):
    return HandEstimator(network or TwoHandNetwork(), detector=ToldDetector(*seen), **options)


def told(places):
    return [detection(*place, side) for place, side in zip(places, SIDES, strict=True)]


def check(estimate, places, atol=3.0):
    """Each hand is where it is, on its side."""
    hands = {hand.side: hand for hand in estimate.hands}
    assert len(estimate.hands) == len(hands) == 2
    for side, place in zip(SIDES, places, strict=True):
        np.testing.assert_allclose(hands[side].joints_px, joints_at(*place, side), atol=atol)


def test_hands_that_touch_share_one_crop_as_it_is():
    network = TwoHandNetwork()
    estimate = estimator(*told(NEAR), network=network)(Frame(both(*NEAR)))
    check(estimate, NEAR)
    (region,) = estimate.regions
    assert network.crops == [1]
    left, right = joints_at(*NEAR[0], "left"), joints_at(*NEAR[1])
    assert region.crop == Crop.around(np.concatenate([left, right]), 1.5)
    assert len(region.hands) == 2


def test_hands_apart_have_crops_of_their_own():
    network = TwoHandNetwork()
    estimate = estimator(*told(APART), network=network)(Frame(both(*APART)))
    check(estimate, APART)
    assert [len(region.hands) for region in estimate.regions] == [1, 1]
    assert not any(region.crop.mirrored for region in estimate.regions)
    assert network.crops == [2]


@pytest.mark.parametrize("side", SIDES)
def test_one_detection_around_two_hands_yields_both(side):
    estimate = estimator(around_both(*NEAR, side))(Frame(both(*NEAR)))
    check(estimate, NEAR)
    assert len(estimate.regions) == 1


def test_both_are_followed_as_they_part_and_meet():
    find = estimator(around_both(*NEAR), smooth=False)
    regions = []
    for index in range(40):
        away = 40 * np.sin(index / 39 * np.pi)
        places = (130 - away, 120), (190 + away, 120)
        estimate = find(Frame(both(*places), index / RATE))
        check(estimate, places)
        regions.append(len(estimate.regions))
    assert regions[0] == regions[-1] == 1
    assert regions[20] == 2


def test_hands_that_cross_keep_their_sides():
    find = estimator(*told(NEAR), smooth=False)
    for index in range(31):
        places = (130 + 2 * index, 110), (190 - 2 * index, 130)
        check(find(Frame(both(*places), index / RATE)), places)


@pytest.mark.parametrize("side", SIDES)
def test_the_network_mends_the_side_of_a_new_hand(side):
    image = both(left=(150, 110)) if side == "right" else both(right=(150, 110))
    (hand,) = estimator(detection(150, 110, side, 0.6))(Frame(image)).hands
    assert hand.side != side


def test_a_hand_that_leaves_does_not_take_the_other_one_along():
    find = estimator(*told(NEAR))
    check(find(Frame(both(*NEAR))), NEAR)
    estimate = find(Frame(both(left=NEAR[0]), 1 / RATE))
    assert [hand.side for hand in estimate.hands] == ["left"]
    assert "right" in estimate.missing
    check(find(Frame(both(*NEAR), 2 / RATE)), NEAR)


def test_no_more_hands_than_are_wanted():
    (hand,) = estimator(around_both(*NEAR), max_hands=1)(Frame(both(*NEAR))).hands
    assert hand.side == "right"
