import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.hand import BONES
from dfmamba.pipeline.bones import ENOUGH, REMEMBERED, BoneLengths, with_lengths

SURE, UNSURE = np.full(21, 0.9), np.full(21, 0.1)
SEEDS = st.integers(0, 999)


def hand(seed=0):
    joints = np.random.default_rng(seed).uniform(-1, 1, (21, 3))
    return joints - joints[0]


def lengths(joints):
    return np.array([np.linalg.norm(joints[child] - joints[parent]) for parent, child in BONES])


def turned(joints, rng):
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return joints @ turn.T


@given(SEEDS)
def test_lengths_are_what_was_asked_and_directions_stay(seed):
    joints = hand(seed)
    wanted = np.random.default_rng(seed + 1).uniform(0.1, 2, 20)
    told = with_lengths(joints, wanted)
    np.testing.assert_allclose(lengths(told), wanted)
    for row, (parent, child) in enumerate(BONES):
        before, after = joints[child] - joints[parent], told[child] - told[parent]
        np.testing.assert_allclose(after / wanted[row], before / np.linalg.norm(before), atol=1e-9)
    np.testing.assert_array_equal(told[0], joints[0])


@given(SEEDS)
def test_a_rigid_hand_that_only_turns_is_left_as_it_is(seed):
    rng, bones = np.random.default_rng(seed), BoneLengths()
    for _ in range(2 * ENOUGH):
        joints = turned(hand(seed), rng)
        np.testing.assert_allclose(bones(joints, SURE), joints, atol=1e-9)


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_lengths_of_a_noisy_hand_settle_at_the_true_ones(strength):
    rng, bones, true = np.random.default_rng(0), BoneLengths(strength), hand()
    before, after = [], []
    for _ in range(2 * REMEMBERED):
        noisy = turned(true, rng) + rng.normal(0, 0.02, (21, 3))
        before.append(lengths(noisy))
        after.append(lengths(bones(noisy, SURE)))
    assert np.abs(bones.lengths - lengths(true)).max() < 0.02
    spread = np.std(after[REMEMBERED:], axis=0) / np.std(before[REMEMBERED:], axis=0)
    assert spread.mean() == pytest.approx(1 - strength, abs=0.1)


def test_a_few_wild_frames_do_no_harm():
    bones = BoneLengths(1.0)
    for index in range(REMEMBERED):
        bones(hand() * (5 if index % 10 == 3 else 1), SURE)
    np.testing.assert_allclose(bones.lengths, lengths(hand()))


def test_unsure_frames_teach_nothing():
    bones = BoneLengths()
    for _ in range(REMEMBERED):
        bones(hand(), UNSURE)
    assert bones.lengths is None
    np.testing.assert_array_equal(bones(hand(), UNSURE), hand())


def test_another_hand_is_learnt_in_time():
    bones = BoneLengths(1.0)
    for each in (hand(1), hand(2)):
        for _ in range(REMEMBERED):
            told = bones(each, SURE)
    np.testing.assert_allclose(told, hand(2))
