from dataclasses import replace

import numpy as np
import pytest
from fake_parts import make_estimate, make_hand, make_trace

from dfmamba.hand import JOINTS
from dfmamba_live.views.scan.field import traced_hands
from dfmamba_live.views.scan.focus import pick
from dfmamba_live.views.scan.places import scan_places

INDEX_TIP = JOINTS.index("index tip")


def estimate(*hands, size=8):
    return make_estimate(hands, make_trace(size))


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("size", [4, 8])
def test_a_place_gives_the_token_it_lies_in(side, size):
    seen = estimate(make_hand(side), size=size)
    hand = traced_hands(seen, 3)[0]
    for token, centre in enumerate(scan_places(hand.trace, hand.crop).centres):
        focus = pick(seen, centre, reach_px=0)
        assert focus.joint is None
        assert focus.token(hand) == token


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
    hand = traced_hands(after, 0)[0]
    centre = scan_places(hand.trace, hand.crop).centres[focus.followed(after).token(hand)]
    assert np.abs(centre - hand.pose.joints_px[INDEX_TIP]).max() <= hand.crop.side / 16 + 1e-9


def test_of_two_hands_the_same_one_is_followed():
    left, right = make_hand("left", x=80.0), make_hand("right", x=240.0)
    focus = pick(estimate(left, right), right.joints_px[0], 5)
    assert focus.hand(estimate(right, left)) == 0
    assert focus.hand(estimate(left)) is None
    one, other = make_hand("right", x=80.0), make_hand("right", x=240.0)
    focus = pick(estimate(one, other), one.joints_px[0], 5)
    moved = make_hand("right", x=100.0)
    assert focus.hand(estimate(other, moved)) == 1
    assert focus.followed(estimate(other, moved)).near_px[0] == pytest.approx(
        estimate(moved).crops[0].x
    )


def test_where_crops_overlap_the_nearer_middle_counts():
    seen = estimate(make_hand(x=140.0), make_hand(x=180.0))
    focus = pick(seen, np.array([seen.crops[1].x + 20, seen.crops[1].y]), reach_px=0)
    assert focus.near_px == (seen.crops[1].x, seen.crops[1].y)


def test_a_joint_outside_the_crop_has_no_token():
    seen = estimate(make_hand())
    focus = pick(seen, seen.hands[0].joints_px[0], 5)
    hand = traced_hands(seen, 0)[0]
    assert focus.token(hand) is not None
    assert focus.token(replace(hand, crop=replace(hand.crop, x=5000.0))) is None


def test_hands_without_a_trace_and_layers_that_are_not_there_are_left_out():
    hand = make_hand()
    assert traced_hands(make_estimate((hand,)), 0) == {}
    few = replace(estimate(hand), traces=((make_trace(),) * 2,))
    assert list(traced_hands(few, 1)) == [0]
    assert traced_hands(few, 2) == {}
