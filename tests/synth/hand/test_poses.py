import pytest
import torch

from dfmamba.synth.draw import Draw
from dfmamba.synth.hand.contact import flesh, overlap
from dfmamba.synth.hand.hand_model import HandModel
from dfmamba.synth.hand.key_poses import FAMILIES, FREE, KEY_FAMILY, key_angles, key_families
from dfmamba.synth.hand.pose_prior import random_angles, untangled
from dfmamba.synth.hand.poser import Poser
from dfmamba.synth.scene import place, pose_hands

COUNT = 600


@pytest.fixture(scope="module")
def drawn():
    return random_angles(COUNT, key_angles(), Draw(0, "cpu").generator)


@pytest.fixture
def joints_of(arrays):
    model, poser = HandModel(arrays), Poser(arrays.frames)

    def pose(angles):
        turn = torch.eye(3).expand(len(angles), 3, 3)
        return model(torch.zeros(len(angles), 2), poser(angles, torch.zeros(len(angles), 3)), turn)[
            1
        ]

    return pose


def test_key_poses_know_their_family():
    names = list(FAMILIES)
    assert [names[f] for f in key_families(key_angles()).tolist()] == list(KEY_FAMILY.values())


def test_each_family_is_drawn_and_natural_ones_more(drawn):
    shares = drawn[1].bincount(minlength=FREE + 1) / COUNT
    assert (shares > 0.01).all()
    names = list(FAMILIES)
    assert shares[names.index("open")] > shares[names.index("sign")]
    assert shares[names.index("relaxed")] > shares[names.index("sign")]


def test_neighbouring_fingers_bend_together(drawn):
    bends = drawn[0][:, 1:, 1].T
    between = torch.corrcoef(bends)
    assert between[2, 3] > between[0, 3] + 0.1
    assert between[1, 2] > between[0, 3] + 0.1


def test_fingers_hardly_ever_cross(drawn):
    directions = drawn[0][:, 1:, 3]
    crossed = (directions[:, 1:] - directions[:, :-1] > 12).any(1)
    assert crossed.float().mean() < 0.08


def test_flesh_lies_along_the_bones_and_grows_with_the_hand(joints_of):
    joints = joints_of(key_angles(["open"]))
    centres, radii = flesh(joints)
    nearest = torch.cdist(centres, joints).amin(2)
    assert nearest.max() < 60  # half of the longest bone
    larger = flesh(1.5 * joints)
    torch.testing.assert_close(larger[0], 1.5 * centres)
    torch.testing.assert_close(larger[1], 1.5 * radii)


def test_overlap_is_how_deep_fingers_go(joints_of):
    apart = joints_of(key_angles(["open"]))
    assert overlap(apart) <= 0
    inside = apart.clone()
    inside[:, 6:9] = inside[:, 10:13]  # the index finger inside the middle one
    assert overlap(inside) > 8


def test_fingers_are_untangled_and_others_left_alone(joints_of, drawn):
    keys = key_angles()
    calm = untangled(drawn[0], keys, joints_of)
    before, after = overlap(joints_of(drawn[0])), overlap(joints_of(calm))
    assert (after > 6).float().mean() < 0.6 * (before > 6).float().mean()
    assert (after <= before + 1e-3).all()
    free = before < 2
    assert free.any()
    assert torch.equal(calm[free], drawn[0][free])


def test_posed_hands_know_their_family_and_stay_before_the_camera(arrays):
    draw = Draw(1, "cpu")
    model, poser = HandModel(arrays), Poser(arrays.frames)
    hands = pose_hands(model, poser, draw, torch.zeros(200, 2), key_angles(), torch.ones(200))
    assert hands.family.shape == (200,)
    assert hands.family.min() >= 0
    assert hands.family.max() <= FREE
    placed, focal = place(hands, draw)
    distance = placed.joints.mean(1)[:, 2]
    assert (distance > 190).all()
    assert (distance < 3100).all()
    assert focal.max() / focal.min() > 3  # wide and narrow lenses
    torch.testing.assert_close(placed.family, hands.family)


def test_hands_are_seen_from_everywhere(arrays):
    model, poser = HandModel(arrays), Poser(arrays.frames)
    hands = pose_hands(
        model, poser, Draw(2, "cpu"), torch.zeros(600, 2), key_angles(), torch.ones(600)
    )
    ahead = torch.nn.functional.normalize(hands.joints[:, 9], dim=-1)
    # Also right towards the camera and right away from it, upright most of all.
    assert (ahead[:, 2] < -0.9).float().mean() > 0.02
    assert (ahead[:, 2] > 0.8).float().mean() > 0.02
    assert (ahead[:, 1] < -0.7).float().mean() > (ahead[:, 1] > 0.7).float().mean()
