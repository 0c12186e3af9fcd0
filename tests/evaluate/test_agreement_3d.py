import numpy as np
import pytest
from knowing_network import Knowing, crops_of, hands_in_space, joints_on_cells

from dfmamba.evaluate.agreement_3d import space_agreement
from dfmamba.evaluate.predict import predict_crops
from dfmamba.hand import LITTLE_MCP, WRIST_TO_MIDDLE_MCP_MM

COUNT = 70  # more than one batch


def asked(told, teacher):
    """What is found of a network that tells these joints in space."""
    joints_px = joints_on_cells(len(told))
    crops = crops_of(joints_px, teacher)
    return space_agreement(predict_crops(Knowing(joints_px, told), crops.images), crops)


def test_a_network_that_knows_the_joints_is_right_at_any_scale():
    hands = hands_in_space(COUNT)
    for scale in (1.0, 0.7):
        found = asked(scale * hands, hands)
        assert found.best_scaled_mm == pytest.approx(0, abs=1e-3)
        assert found.pa_mm == pytest.approx(0, abs=1e-3)
        assert found.palm_width.median == pytest.approx(0.65, abs=1e-6)


def test_turned_hands_are_right_after_alignment_only():
    hands = hands_in_space(COUNT)
    found = asked(hands[..., [2, 0, 1]], hands)  # a third of a turn about the diagonal
    assert found.pa_mm == pytest.approx(0, abs=1e-3)
    assert found.best_scaled_mm > 30
    assert found.palm_width.median == pytest.approx(0.65, abs=1e-6)


def test_distances_are_millimetres_of_the_assumed_palm():
    hands = hands_in_space(COUNT)
    found = asked(np.zeros_like(hands), hands)  # all joints in the wrist
    away = np.linalg.norm(hands, axis=-1).mean()
    assert found.best_scaled_mm == pytest.approx(away * WRIST_TO_MIDDLE_MCP_MM)


def test_hands_squeezed_into_sticks_are_told_by_their_palms():
    hands = hands_in_space(COUNT)
    found = asked(hands * [0.3, 1, 1], hands)
    assert found.palm_width.p90 == pytest.approx(0.3 * 0.65, abs=1e-6)
    assert found.teacher_palm_width.p10 == pytest.approx(0.65, abs=1e-6)
    assert min(found.best_scaled_mm, found.pa_mm) > 10


def test_widths_spread_over_the_hands():
    hands = hands_in_space(11)
    hands[:, LITTLE_MCP, 0] = np.linspace(0.25, 0.35, 11)
    found = asked(hands, hands_in_space(11)).palm_width
    assert (found.p10, found.median, found.p90) == pytest.approx((0.51, 0.55, 0.59), abs=1e-6)
