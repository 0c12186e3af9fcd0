from dataclasses import replace

import numpy as np
import pytest
import torch

from dfmamba.errors import UserError
from dfmamba.hand import BONES, MIDDLE_MCP, PARENTS, WRIST
from dfmamba.metrics import palm_units
from dfmamba.synth.draw import Draw
from dfmamba.synth.hand.hand_model import HandArrays, HandModel
from dfmamba.synth.hand.key_poses import HELD_OUT_POSES, KEY_POSES, key_angles
from dfmamba.synth.hand.pose_prior import HIGH, LOW, random_angles
from dfmamba.synth.hand.poser import Poser
from dfmamba.synth.rotations import axis_turn, random_turns


@pytest.fixture
def model(arrays):
    return HandModel(arrays)


@pytest.fixture
def poser(arrays):
    return Poser(arrays.frames)


def lengths(joints):
    first, second = zip(*BONES, strict=True)
    return (joints[:, list(first)] - joints[:, list(second)]).norm(dim=-1)


def some_poses(count, seed=0):
    return random_angles(count, key_angles(), Draw(seed, "cpu").generator)[0]


def test_posing_keeps_the_bones_lengths(model, poser):
    draw = Draw(0, "cpu")
    shape = draw.normal(1, 2).expand(20, 2)
    turn = random_turns(20, draw.generator, draw.device)
    _, joints = model(shape, poser(some_poses(20), 20 * draw.normal(20, 3)), turn)
    torch.testing.assert_close(
        lengths(joints), lengths(joints)[:1].expand(20, -1), atol=1e-3, rtol=0
    )


def test_the_rest_angles_give_the_rest_pose(model, poser, arrays):
    rotations = poser(poser.rest[None], torch.zeros(1, 3))
    vertices, joints = model(torch.zeros(1, 2), rotations, torch.eye(3)[None])
    first, knuckle = arrays.heads[arrays.joint_bones[[WRIST, MIDDLE_MCP]]]
    wrist = first.lerp(knuckle, arrays.wrist_shift)  # everything is told from there
    torch.testing.assert_close(vertices[0], arrays.vertices - wrist, atol=1e-3, rtol=0)
    torch.testing.assert_close(joints[0, 8], arrays.tips[1] - wrist, atol=1e-3, rtol=0)
    assert (joints[0, WRIST] == 0).all()


def test_the_wrist_lies_on_the_way_to_the_middle_finger(model, poser, arrays):
    unshifted = HandModel(replace(arrays, wrist_shift=torch.tensor(0.0)))
    turn = random_turns(4, Draw(2, "cpu").generator, torch.device("cpu"))
    pose = torch.zeros(4, 2), poser(some_poses(4), torch.zeros(4, 3)), turn
    vertices, joints = model(*pose)
    before = unshifted(*pose)
    way = 0.1 * before[1][:, MIDDLE_MCP, None]
    torch.testing.assert_close(vertices, before[0] - way, atol=1e-3, rtol=0)
    torch.testing.assert_close(joints[:, 1:], before[1][:, 1:] - way, atol=1e-3, rtol=0)


def test_turning_the_hand_turns_everything(model, poser):
    rotations = poser(some_poses(3), torch.zeros(3, 3))
    turn = random_turns(3, Draw(1, "cpu").generator, torch.device("cpu"))
    still = model(torch.zeros(3, 2), rotations, torch.eye(3).expand(3, 3, 3))
    turned = model(torch.zeros(3, 2), rotations, turn)
    for before, after in zip(still, turned, strict=True):
        torch.testing.assert_close(after, before @ turn.mT, atol=1e-3, rtol=0)


def test_a_mirrored_hand_is_the_mirror_image(model, poser):
    rotations = poser(some_poses(2), torch.zeros(2, 3))
    mirror = torch.diag(torch.tensor([-1.0, 1, 1])).expand(2, 3, 3)
    right = model(torch.zeros(2, 2), rotations, torch.eye(3).expand(2, 3, 3))
    left = model(torch.zeros(2, 2), rotations, mirror)
    for one, other in zip(right, left, strict=True):
        torch.testing.assert_close(one * torch.tensor([-1.0, 1, 1]), other)


@pytest.mark.parametrize("finger", range(1, 5))
def test_flexion_brings_fingertips_to_the_palm_side(model, poser, finger):
    angles = torch.zeros(2, 5, 4)
    angles[1, finger, :3] = 60
    rotations = poser(angles, torch.zeros(2, 3))
    _, joints = model(torch.zeros(2, 2), rotations, torch.eye(3).expand(2, 3, 3))
    straight, bent = joints[:, 4 * finger + 4]
    assert bent[2] < straight[2] - 20  # the palm looks along -z
    assert bent[1] > straight[1] + 20  # and the tip comes back to the wrist


def test_random_poses_stay_within_the_limits():
    angles = some_poses(500)
    assert (angles >= LOW).all()
    assert (angles <= HIGH).all()


def test_key_poses_are_split_into_training_and_held_out():
    assert set(HELD_OUT_POSES) < set(KEY_POSES)
    training, held_out = key_angles(held_out=False), key_angles(held_out=True)
    assert len(training) + len(held_out) == len(KEY_POSES)
    assert (training[:, None] - held_out[None]).abs().amax((2, 3)).min() > 0


def test_random_turns_are_rotations():
    turns = random_turns(50, Draw(0, "cpu").generator, torch.device("cpu"))
    torch.testing.assert_close(turns @ turns.mT, torch.eye(3).expand(50, 3, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(turns), torch.ones(50))


def test_axis_turns_are_right_handed():
    quarter = torch.tensor(90.0)
    for axis in range(3):
        follows = torch.eye(3)[(axis + 1) % 3]
        expected = torch.eye(3)[(axis + 2) % 3]
        torch.testing.assert_close(axis_turn(quarter, axis) @ follows, expected, atol=1e-6, rtol=0)


def test_arrays_survive_the_file(arrays, hand_file):
    loaded = HandArrays.load(hand_file)
    for name in HandArrays.__annotations__:
        assert torch.equal(getattr(loaded, name), getattr(arrays, name))


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="dfmamba bake"):
        HandArrays.load(tmp_path / "none.npz")


def test_a_file_of_an_older_version_says_what_to_do(arrays, tmp_path):
    old = {k: v.numpy() for k, v in vars(arrays).items() if k != "wrist_shift"}
    np.savez(tmp_path / "old.npz", **old)
    with pytest.raises(UserError, match=r"wrist_shift.*dfmamba bake"):
        HandArrays.load(tmp_path / "old.npz")


def test_joint_parents_match_the_bones(arrays):
    for joint, parent in enumerate(PARENTS):
        bone = int(arrays.joint_bones[joint])
        tip = joint % 4 == 0 and joint > 0
        ancestors = {bone} if tip else set()
        while (bone := int(arrays.parents[bone])) >= 0:
            ancestors.add(bone)
        assert parent < 0 or int(arrays.joint_bones[parent]) in ancestors


def test_palm_units():
    joints_mm = torch.randn(4, 21, 3) * 50
    joints = palm_units(joints_mm)
    assert (joints[:, 0] == 0).all()
    torch.testing.assert_close(joints[:, MIDDLE_MCP].norm(dim=-1), torch.ones(4))
    torch.testing.assert_close(palm_units(joints_mm * 3 + 40), joints, atol=1e-5, rtol=1e-4)
