from dataclasses import replace

import numpy as np
import pytest
from fake_parts import make_estimate, make_hand, make_trace, with_traces

from dfmamba.hand import JOINTS
from dfmamba_live.views.scan.field import traced_regions
from dfmamba_live.views.scan.focus import middle, pick
from dfmamba_live.views.scan.places import scan_places

INDEX_TIP = JOINTS.index("index tip")


def estimate(*hands, size=8):
    return make_estimate(hands, make_trace(size))


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("size", [4, 8])
def test_a_place_gives_the_token_it_lies_in(side, size):
    seen = estimate(make_hand(side), size=size)
    region = traced_regions(seen, 3)[0]
    for token, centre in enumerate(scan_places(region.trace, region.crop).centres):
        focus = pick(seen, centre, reach_px=0)
        assert focus.joint is None
        assert focus.token(region, seen.hands[0]) == token


def test_a_joint_within_reach_comes_first():
    seen = estimate(make_hand())
    tip = seen.hands[0].joints_px[INDEX_TIP]
    assert pick(seen, tip + 3, reach_px=5).joint == INDEX_TIP
    assert pick(seen, tip + 3, reach_px=1).joint is None


def test_outside_every_crop_there_is_nothing():
    assert pick(estimate(make_hand()), np.array([-50.0, -50.0]), 5) is None
    assert pick(estimate(), np.array([100.0, 100.0]), 5) is None


def test_a_joint_is_followed_as_the_hand_moves():
    before, after = estimate(make_hand()), estimate(make_hand(x=200.0, y=190.0))
    focus = pick(before, before.hands[0].joints_px[INDEX_TIP], 5)
    region, hand = traced_regions(after, 0)[0], after.hands[0]
    token = focus.followed(after).token(region, hand)
    centre = scan_places(region.trace, region.crop).centres[token]
    assert np.abs(centre - hand.joints_px[INDEX_TIP]).max() <= region.crop.side / 16 + 1e-9


def test_of_two_hands_the_same_one_is_followed():
    left, right = make_hand("left", x=80.0), make_hand("right", x=240.0)
    focus = pick(estimate(left, right), right.joints_px[0], 5)
    assert focus.find(estimate(right, left)) == (0, right)
    assert focus.find(estimate(left)) is None
    one, other = make_hand("right", x=80.0), make_hand("right", x=240.0)
    focus = pick(estimate(one, other), one.joints_px[0], 5)
    moved = make_hand("right", x=100.0)
    assert focus.find(estimate(other, moved)) == (1, moved)
    assert focus.followed(estimate(other, moved)).near_px == middle(moved)


def test_where_crops_overlap_the_nearer_middle_counts():
    seen = estimate(make_hand(x=140.0), make_hand(x=180.0))
    crop = seen.regions[1].crop
    focus = pick(seen, np.array([crop.x + 20, crop.y]), reach_px=0)
    assert focus.near_px == middle(seen.hands[1])


def test_a_joint_outside_the_crop_has_no_token():
    seen = estimate(make_hand())
    focus = pick(seen, seen.hands[0].joints_px[0], 5)
    region = traced_regions(seen, 0)[0]
    assert focus.token(region, seen.hands[0]) is not None
    away = replace(region, crop=replace(region.crop, x=5000.0))
    assert focus.token(away, seen.hands[0]) is None


def test_hands_without_a_trace_and_layers_that_are_not_there_are_left_out():
    hand = make_hand()
    assert traced_regions(make_estimate((hand,)), 0) == {}
    few = with_traces(estimate(hand), (make_trace(),) * 2)
    assert list(traced_regions(few, 1)) == [0]
    assert traced_regions(few, 2) == {}
