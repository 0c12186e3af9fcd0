import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from dfmamba import metrics
from dfmamba.hand import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, WRIST

seeds = st.integers(0, 2**32 - 1)
lengths = st.floats(-500, 500)
scales = st.floats(0.1, 10)
laws = settings(max_examples=40)


def hands(seed, count=3):
    """Made-up joints (count, 21, 3), about as large as hands in mm."""
    return np.random.default_rng(seed).normal(0, 60, (count, 21, 3))


@laws
@given(seeds)
def test_every_error_is_zero_for_equal_joints(seed):
    joints = hands(seed)
    for error in (
        metrics.root_relative_error,
        metrics.palm_scaled_error,
        metrics.best_scaled_error,
        metrics.procrustes_error,
    ):
        assert error(joints, joints) == pytest.approx(0, abs=1e-9)


ERRORS_OF_VALID = (
    metrics.best_scaled_error,
    metrics.procrustes_error,
    metrics.box_share_error,
)


@laws
@given(seeds, st.sampled_from(ERRORS_OF_VALID))
def test_joints_that_are_not_valid_change_nothing(seed, error):
    predicted, true = hands(seed), hands(seed + 1)
    valid = np.random.default_rng(seed).random((3, 21)) < 0.7
    valid[:, [WRIST, MIDDLE_MCP]] = True
    found = error(predicted, true, valid)
    assert (np.isnan(found) == ~valid).all()
    moved = [np.where(valid[..., None], each, 999.0) for each in (predicted, true)]
    np.testing.assert_allclose(error(*moved, valid)[valid], found[valid], rtol=1e-6, atol=1e-6)
    few = error(predicted[:1, valid[0]], true[:1, valid[0]])  # the wrist stays the first
    np.testing.assert_allclose(few[0], found[0, valid[0]], rtol=1e-6)


@laws
@given(seeds, st.sampled_from(ERRORS_OF_VALID))
def test_all_joints_are_valid_unless_others_are_named(seed, error):
    predicted, true = hands(seed), hands(seed + 1)
    np.testing.assert_array_equal(
        error(predicted, true, np.ones((3, 21), bool)), error(predicted, true)
    )


def test_the_mean_of_what_is_known():
    errors = np.array([[1.0, np.nan], [3.0, np.nan]])
    assert metrics.known_mean(errors) == 2
    np.testing.assert_array_equal(metrics.known_mean(errors, 0), [2, np.nan])


@laws
@given(seeds, scales)
def test_a_palm_is_as_wide_however_the_hand_is_held(seed, scale):
    joints = hands(seed)
    turn = Rotation.random(random_state=seed).as_matrix()
    moved = scale * joints @ turn.T + [20.0, -400.0, 600.0]
    assert metrics.palm_width(moved) == pytest.approx(metrics.palm_width(joints), rel=1e-6)
    squeezed = joints.copy()
    squeezed[:, INDEX_MCP] = (joints[:, INDEX_MCP] + joints[:, LITTLE_MCP]) / 2
    assert 2 * metrics.palm_width(squeezed) == pytest.approx(metrics.palm_width(joints))


@laws
@given(seeds, st.integers(0, 20), st.floats(0.01, 100))
def test_mpjpe_is_zero_only_for_equal_joints(seed, joint, shift):
    assume(joint != WRIST)
    true = hands(seed)
    predicted = true.copy()
    predicted[:, joint, 0] += shift
    error = metrics.root_relative_error(predicted, true)
    assert error[:, joint] == pytest.approx(shift)
    assert np.delete(error, joint, axis=1) == pytest.approx(0)


@laws
@given(seeds, seeds, st.tuples(lengths, lengths, lengths))
def test_root_relative_errors_ignore_where_the_hand_is(seed, other, shift):
    predicted, true = hands(seed), hands(other)
    for error in (
        metrics.root_relative_error,
        metrics.palm_scaled_error,
        metrics.best_scaled_error,
    ):
        assert error(predicted + shift, true) == pytest.approx(error(predicted, true), abs=1e-9)


@laws
@given(seeds, seeds, scales)
def test_scaled_errors_ignore_the_predicted_size(seed, other, scale):
    predicted, true = hands(seed), hands(other)
    for error in (metrics.palm_scaled_error, metrics.best_scaled_error):
        assert error(predicted * scale, true) == pytest.approx(error(predicted, true), abs=1e-9)


@laws
@given(seeds, seeds, seeds, scales, st.tuples(lengths, lengths, lengths))
def test_procrustes_ignores_similarities(seed, other, turn, scale, shift):
    predicted, true = hands(seed), hands(other)
    matrix = Rotation.random(random_state=turn).as_matrix()
    moved = scale * predicted @ matrix.T + shift
    assert metrics.procrustes_error(moved, true) == pytest.approx(
        metrics.procrustes_error(predicted, true), abs=1e-6
    )


@laws
@given(seeds)
def test_procrustes_does_not_turn_a_left_hand_into_a_right_one(seed):
    true = hands(seed)
    assert metrics.procrustes_error(true * [-1, 1, 1], true).mean() > 5


@laws
@given(seeds, seeds)
def test_more_freedom_to_align_leaves_less_error(seed, other):
    predicted, true = hands(seed), hands(other)

    def squares(error):
        return np.sum(error(predicted, true) ** 2, axis=1) - 1e-6

    assert (squares(metrics.best_scaled_error) <= squares(metrics.root_relative_error)).all()
    assert (squares(metrics.best_scaled_error) <= squares(metrics.palm_scaled_error) + 1e-5).all()
    assert (squares(metrics.procrustes_error) <= squares(metrics.best_scaled_error)).all()


def test_procrustes_of_a_collapsed_prediction_is_the_centre():
    true = hands(0)
    aligned = metrics.procrustes_aligned(np.zeros_like(true), true)
    assert aligned == pytest.approx(np.broadcast_to(true.mean(1, keepdims=True), true.shape))


def test_palm_scaling_makes_the_palms_equal():
    predicted, true = hands(1), hands(2)
    error = metrics.palm_scaled_error(true * 3, true)
    assert error == pytest.approx(0, abs=1e-9)
    assert metrics.palm_length(predicted) == pytest.approx(
        np.linalg.norm(predicted[:, MIDDLE_MCP] - predicted[:, WRIST], axis=-1)
    )


@laws
@given(st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_pck_rises_from_share_to_share(errors):
    curve = metrics.pck(np.array(errors), metrics.THRESHOLDS_0_50_MM)
    assert (np.diff(curve) >= 0).all()
    assert curve[0] >= 0
    assert curve[-1] == pytest.approx(np.mean(np.array(errors) <= 50))


@laws
@given(st.lists(st.floats(0, 100), min_size=1, max_size=60), st.floats(0, 20))
def test_auc_lies_in_0_to_1_and_falls_with_the_error(errors, more):
    errors = np.array(errors)
    for thresholds in (metrics.THRESHOLDS_0_50_MM, metrics.THRESHOLDS_20_50_MM):
        area = metrics.auc(errors, thresholds)
        assert 0 <= metrics.auc(errors + more, thresholds) <= area <= 1


def test_auc_of_one_error_is_the_share_of_thresholds_above_it():
    assert metrics.auc(np.array([20.0]), np.linspace(0, 50, 5001)) == pytest.approx(0.6, abs=1e-3)
    assert len(metrics.THRESHOLDS_20_50_MM) == 15


def test_the_two_protocols_differ_in_scaling():
    true = hands(3)
    assert metrics.auc_20_50_palm_scaled(true * 2, true) == 1
    assert metrics.auc_0_50(true * 2, true) < 0.5


def test_box_share_is_relative_to_the_longer_side():
    true = np.zeros((1, 21, 2))
    true[0, 1] = [40, 100]
    assert metrics.box_sides(true) == pytest.approx([100])
    assert metrics.box_share_error(true + np.array([3, 4]), true) == pytest.approx(0.05)


def test_a_hand_told_the_wrong_way_round_is_not_mirrored_by_its_scale():
    hand = np.random.default_rng(0).normal(size=(1, 21, 3))
    true = metrics.root_relative(hand)
    np.testing.assert_allclose(
        metrics.best_scaled_error(-hand, hand), np.linalg.norm(true, axis=-1), atol=1e-9
    )
