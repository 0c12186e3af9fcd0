import numpy as np
import pytest
from knowing_network import CELL, Knowing, crops_of, joints_on_cells

from dfmamba.evaluate.agreement_2d import agreement, summarise
from dfmamba.evaluate.predict import predict_crops
from dfmamba.metrics import box_sides


def asked(told_px, joints_px):
    crops = crops_of(joints_px)
    return agreement(predict_crops(Knowing(told_px), crops.images), crops)


def test_the_same_joints_agree():
    joints = joints_on_cells(70)  # more than one batch
    found = asked(joints, joints)
    assert found.hands == 70
    assert found.mean == pytest.approx(0, abs=1e-6)
    assert found.under_10 == 1


def test_a_shift_counts_as_a_share_of_the_hand_box():
    joints = joints_on_cells(1)
    found = asked(joints + np.array([CELL, 0]), joints)
    assert found.mean == pytest.approx(CELL / box_sides(joints)[0], rel=1e-5)
    assert found.per_joint == pytest.approx([found.mean] * 21, rel=1e-4)


def test_summary_is_over_hands():
    errors = np.repeat([0.02, 0.04, 0.09, 0.3], 21).reshape(4, 21)
    found = summarise(errors)
    assert found.mean == pytest.approx(0.1125)
    assert found.median == pytest.approx(0.065)
    assert found.p90 == pytest.approx(np.percentile([0.02, 0.04, 0.09, 0.3], 90))
    assert found.under_10 == 0.75
