import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from dfmamba.hand import PARENTS
from dfmamba.model import HandMaps
from dfmamba.train.batch import Batch, palm_units
from dfmamba.train.loss import (
    BONE_LENGTHS,
    NEAREST,
    hand_loss,
    shadow_error,
    target_heatmaps,
    taught_loss,
    unlikeliness,
)

SIZE, CELLS = 64, 16


def pictures(count):
    """Joints that have nothing to do with a real hand."""
    make = torch.Generator().manual_seed(count)
    joints_px = (torch.rand(count, 21, 2, generator=make) * 0.6 + 0.2) * SIZE
    joints = palm_units(torch.randn(count, 21, 3, generator=make) * 50)
    one = torch.ones(count)
    return Batch(torch.zeros(count, 3, SIZE, SIZE), joints_px, one, joints, one, one, one)


def true_maps(batch):
    bones = batch.joints - batch.joints[:, [max(parent, 0) for parent in PARENTS]]
    logits = torch.logit(target_heatmaps(batch.joints_px, SIZE, CELLS), eps=1e-6)
    spread = torch.ones(1, 1, 1, CELLS, CELLS)
    hand = 20 * (2 * torch.stack([batch.present, batch.right], 1) - 1)
    located = batch.joints[..., None, None] * spread
    return HandMaps(logits, bones[..., None, None] * spread, located, hand)


def flat_hand(lengths=BONE_LENGTHS):
    """A right hand (21, 3) with straight fingers upwards, fanned out, its palm to the camera."""
    joints = torch.zeros(21, 3)
    for finger in range(5):
        angle = torch.tensor(0.35 - 0.22 * finger if finger else 0.9)
        way = torch.stack([angle.sin(), -angle.cos(), torch.tensor(0.0)])
        reach = torch.tensor(lengths[4 * finger : 4 * finger + 4]).cumsum(0)
        joints[1 + 4 * finger : 5 + 4 * finger] = reach[:, None] * way
    return joints


def bent(finger, degrees):
    """The flat hand with one finger turned at its knuckle; positive: towards the palm."""
    joints = flat_hand()
    rows = slice(1 + 4 * finger, 5 + 4 * finger)
    knuckle, angle = joints[rows][:1].clone(), torch.tensor(degrees).deg2rad()
    reach = (joints[rows] - knuckle).norm(dim=1, keepdim=True)
    way = torch.nn.functional.normalize(knuckle, dim=1)
    out_of_the_palm = torch.tensor([[0.0, 0, -1]])
    joints[rows] = knuckle + reach * (angle.cos() * way + angle.sin() * out_of_the_palm)
    return joints


def test_true_maps_cost_nearly_nothing():
    batch = pictures(3)
    terms = hand_loss(true_maps(batch), batch)
    assert sum(terms.values()) < 0.05
    other = batch._replace(
        joints_px=batch.joints_px.flip(1),
        joints=palm_units(batch.joints.flip(1)),
        right=torch.zeros(3),
    )
    wrong = hand_loss(true_maps(batch), other)
    for name in set(terms) - {"shadow", "likely", "rough"}:
        assert wrong[name] > 10 * terms[name] + 0.01, name


def test_a_made_picture_needs_neither_shadow_nor_likeliness_nor_rough_joints():
    batch = pictures(3)
    terms = hand_loss(true_maps(batch._replace(joints=2 * batch.joints)), batch)
    assert terms["shadow"] == terms["likely"] == terms["rough"] == 0


def test_a_photograph_teaches_the_image_and_the_shadow_and_space_only_roughly():
    batch = pictures(3)._replace(space=torch.zeros(3))
    turned = batch._replace(joints=-batch.joints)
    right, wrong = (hand_loss(true_maps(each), batch) for each in (batch, turned))
    assert right["space"] == wrong["space"] == right["location"] == wrong["delta"] == 0
    assert wrong["shadow"] > 0.1
    assert wrong["rough"] > 0.1
    assert right["rough"] == pytest.approx(0, abs=1e-6)


def test_a_photograph_does_not_teach_sticks_that_point_at_the_camera():
    """They cast the same shadow: along its line of sight a joint may lie anywhere."""
    hand, distance = flat_hand(), torch.tensor([0.0, 0, 1.2 / NEAREST])
    nearer = 0.5 * hand.norm(dim=-1, keepdim=True).clamp(max=1.2)
    stick = palm_units(((hand + distance) * (1 - nearer) - distance)[None])
    seen = SIZE / 2 + 15 * hand[None, :, :2]
    one, none = torch.ones(1), torch.zeros(1)
    batch = Batch(torch.zeros(1, 3, SIZE, SIZE), seen, one, hand[None], none, one, one)
    right, wrong = (
        hand_loss(true_maps(batch._replace(joints=joints)), batch) for joints in (hand[None], stick)
    )
    assert wrong["shadow"] < 0.04
    assert right["likely"] == 0
    assert right["rough"] < 1e-4
    assert wrong["likely"] > 0.5
    assert wrong["rough"] > 1


def test_a_photograph_teaches_likely_hands():
    likely = pictures(2)._replace(joints=flat_hand().expand(2, -1, -1), space=torch.zeros(2))
    odd = likely._replace(joints=flat_hand(BONE_LENGTHS[::-1]).expand(2, -1, -1))
    right, wrong = (hand_loss(true_maps(each), likely)["likely"] for each in (likely, odd))
    assert right == pytest.approx(0, abs=1e-6)
    assert wrong > 0.05


def test_photographs_weigh_as_much_beside_made_pictures():
    """Each term is a mean over the pictures that teach it."""
    photographs = pictures(4)._replace(space=torch.zeros(4))
    turned = true_maps(photographs._replace(joints=-photographs.joints))
    alone = hand_loss(turned, photographs)
    among = hand_loss(turned, photographs._replace(space=torch.tensor([0.0, 1, 0, 1])))
    rows = [0, 2]
    own = hand_loss(
        HandMaps(*(part[rows] for part in turned)), Batch(*(part[rows] for part in photographs))
    )
    torch.testing.assert_close(among["shadow"], own["shadow"])
    assert among["shadow"] > 0.5 * alone["shadow"]
    assert among["space"] > 0


def test_an_empty_picture_teaches_empty_heatmaps_only():
    none = torch.zeros(3)
    full = pictures(3)
    empty = full._replace(image=none, space=none, present=none)
    terms = hand_loss(true_maps(full), empty)
    assert terms["heatmap"] > 0.05
    assert terms["hand"] > 1
    others = set(terms) - {"heatmap", "hand"}
    assert all(terms[name] == 0 for name in others)


def test_the_teachers_own_maps_cost_nothing_and_others_do():
    first, second = true_maps(pictures(3)), true_maps(pictures(4))
    assert all(term == 0 for term in taught_loss(first, first).values())
    other = HandMaps(*(part[:3] for part in second))
    assert all(term > 0.05 for term in taught_loss(first, other).values())


@given(
    scale=st.floats(0.5, 50), x=st.floats(-100, 100), y=st.floats(-100, 100), deep=st.floats(-2, 2)
)
def test_a_shadow_fits_wherever_and_however_large_and_deep_the_hand_is(scale, x, y, deep):
    joints = pictures(2).joints
    seen = joints[..., :2] * scale + torch.tensor([x, y])
    spread = (seen - seen.mean(1, keepdim=True)).square().sum(-1).mean(1).sqrt()
    assume(spread.min() > 1)  # a hand of a pixel casts no shadow to fit
    deeper = torch.cat([joints[..., :2], deep * joints[..., 2:]], -1)
    assert shadow_error(deeper, seen, SIZE).max() < 1e-2


@given(distance=st.floats(1.01 / NEAREST, 30), x=st.floats(-0.5, 0.5), y=st.floats(-0.5, 0.5))
def test_a_shadow_fits_however_near_the_camera_is(distance, x, y):
    joints = palm_units(bent(2, 60.0)[None])
    seen = joints + torch.tensor([x, y, distance])
    seen = 100 * seen[..., :2] / seen[..., 2:] + SIZE / 2
    assert shadow_error(joints, seen, SIZE).max() < 1e-3


def test_another_shadow_shows_where_it_is_wrong():
    joints = pictures(2).joints
    seen = 30 * joints[..., :2]
    moved = joints.clone()
    moved[:, 8, 0] += 0.5
    error = shadow_error(moved, seen, SIZE)
    assert (error.argmax(1) == 8).all()
    # A hand upside down is not the same one behind the camera.
    assert shadow_error(-joints, seen, SIZE).mean() > 0.8


def test_a_common_hand_is_likely_and_odd_bones_are_not():
    assert unlikeliness(flat_hand()[None]).max() < 1e-6
    for factor, unlikely in ((1.15, False), (0.87, False), (1.6, True), (0.6, True)):
        lengths = list(BONE_LENGTHS)
        lengths[9] *= factor
        penalty = unlikeliness(flat_hand(lengths)[None])[0]
        assert (penalty.nonzero().flatten().tolist() == [9]) == unlikely


@pytest.mark.parametrize("finger", [1, 2, 3, 4])
def test_fingers_bend_to_the_palm_only(finger):
    assert unlikeliness(bent(finger, 80.0)[None]).max() < 1e-5
    assert unlikeliness(bent(finger, -10.0)[None]).max() < 1e-5  # a little is common
    backward = unlikeliness(bent(finger, -50.0)[None])[0]
    assert backward.argmax() == 23 + finger - 1
    assert backward.max() > 0.3


def test_a_left_hand_bent_to_its_palm_is_no_right_hand():
    mirrored = bent(2, 80.0) * torch.tensor([-1.0, 1, 1])
    assert unlikeliness(mirrored[None])[0, 24] > 0.3
