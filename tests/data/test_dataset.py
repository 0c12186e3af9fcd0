"""A data set with an order of joints of its own, from its pictures to training and figures."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from knowing_network import Knowing

from dfmamba.camera import Intrinsics
from dfmamba.data.crops import FITTED, Crops
from dfmamba.data.dataset import SAME_ORDER, Hand, Sample
from dfmamba.data.pack import pack_crops
from dfmamba.data.photographs import Photographs
from dfmamba.errors import UserError
from dfmamba.evaluate.agreement_3d import space_agreement
from dfmamba.evaluate.measurements import measured_on
from dfmamba.evaluate.predict import predict_crops
from dfmamba.files import load_arrays, save_arrays
from dfmamba.hand import JOINTS, MIDDLE_MCP, WRIST
from dfmamba.metrics import palm_units

SIZE = 64
CAMERA = Intrinsics(400.0, 410.0, 150.0, 130.0)
LACKING = JOINTS.index("thumb cmc")
HIDDEN = JOINTS.index("little tip")
ORDER = [joint for joint in range(20, -1, -1) if joint != LACKING]
"""Our joints as the made data set counts them: from the last to the wrist, one not at all."""


def hand_mm(seed, x):
    joints = np.random.default_rng(seed).normal(0, 30, (21, 3))
    joints[MIDDLE_MCP] = joints[WRIST] + [0, -90, 0]
    return joints + np.array([x, 0.0, 500])


class Made:
    """Three pictures: a hand of each side with a hidden joint, one without 3D, and none."""

    name = "made"
    source = "made for this test, CC0"
    joint_map = tuple(ORDER.index(joint) if joint != LACKING else None for joint in range(21))

    def __init__(self, folder):
        self.right, self.left, self.flat = hand_mm(0, -70), hand_mm(1, 90), hand_mm(2, 0)
        self.read = []
        self.file = folder / "file.png"
        cv2.imwrite(str(self.file), np.full((260, 300, 3), 77, np.uint8))

    def __len__(self):
        return 3

    def __getitem__(self, index):
        self.read.append(index)
        picture = np.full((260, 300, 3), 90, np.uint8)
        if index == 0:
            hands = self.hand(self.right, "right"), self.hand(self.left, "left")
            return Sample("two", picture, hands, CAMERA)
        if index == 1:
            flat = replace(self.hand(self.flat, "right"), joints_mm=None, valid_mm=None)
            return Sample("flat", self.file, (flat,))
        return Sample("none", self.file.with_name("gone.png"), ())

    def hand(self, joints_mm, side):
        known = np.ones(21, bool)
        known[HIDDEN] = False
        unknown = np.where(known[:, None], joints_mm, np.nan)
        return Hand(
            side,
            joints_px=CAMERA.project(unknown)[ORDER],
            valid_px=known[ORDER],
            joints_mm=unknown[ORDER],
            valid_mm=known[ORDER],
        )


LABELLED = np.array([joint not in (LACKING, HIDDEN) for joint in range(21)])


@pytest.fixture
def data(tmp_path):
    return Made(tmp_path)


@pytest.fixture
def crops(data):
    return pack_crops(data, SIZE)


def test_joints_come_in_our_order_and_those_without_a_label_have_no_weight(data, crops):
    assert data.read == [0, 1, 2]
    assert crops.files.tolist() == ["two", "two", "flat"]
    assert crops.sides.tolist() == ["right", "left", "right"]
    np.testing.assert_array_equal(crops.weights_2d, np.tile(LABELLED, (3, 1)))
    np.testing.assert_array_equal(crops.weights_3d[:2], np.tile(LABELLED, (2, 1)))
    assert not crops.weights_3d[2].any()
    assert np.isfinite(crops.joints_px).all()
    assert np.isfinite(crops.joints).all()
    true_px = CAMERA.project(data.right)
    moved = np.linalg.lstsq(
        np.c_[true_px, np.ones(21)][LABELLED], crops.joints_px[0][LABELLED], rcond=None
    )[0]
    found = np.c_[true_px, np.ones(21)] @ moved
    np.testing.assert_allclose(found[LABELLED], crops.joints_px[0][LABELLED], atol=1e-6)
    assert moved[0, 0] == pytest.approx(moved[1, 1])  # not mirrored, one scale


def test_joints_in_3d_face_the_crop_in_palm_units(data, crops):
    for row, (true, mirror) in enumerate(((data.right, 1), (data.left, -1))):
        bones = [np.linalg.norm(each - each[WRIST], axis=1) for each in (crops.joints[row], true)]
        palm = np.linalg.norm(true[MIDDLE_MCP] - true[WRIST])
        np.testing.assert_allclose(bones[0][LABELLED], bones[1][LABELLED] / palm)
        # Off the axis of the camera: the turn is that of a camera which looks at the hand.
        plain = palm_units(true[None])[0] * [mirror, 1, 1]
        apart = np.abs(plain - crops.joints[row])[LABELLED].max()
        assert 0.05 < apart < 0.5


def test_a_hand_whose_palm_is_not_labelled_has_no_unit(tmp_path):
    class Palmless(Made):
        def hand(self, joints_mm, side):
            hand = super().hand(joints_mm, side)
            valid = hand.valid_mm.copy()
            valid[ORDER.index(MIDDLE_MCP)] = False
            return replace(hand, valid_mm=valid)

    crops = pack_crops(Palmless(tmp_path), SIZE)
    assert not crops.weights_3d.any()
    assert space_agreement(predict_crops(Knowing(crops.joints_px), crops.images), crops) is None


def test_without_hands_there_is_nothing_to_pack(data, monkeypatch):
    monkeypatch.setattr(Made, "__len__", lambda _: 0)
    with pytest.raises(UserError, match="no hand in made"):
        pack_crops(data)


def test_training_counts_labelled_joints_alone(crops, tmp_path):
    crops.save(tmp_path / "pack.npz")
    batch = Photographs([tmp_path / "pack.npz"], SIZE, torch.device("cpu")).batch(40)
    assert torch.equal(batch.weight_2d, torch.from_numpy(LABELLED).float().expand(40, -1))
    in_3d = batch.weight_3d.any(1)
    assert 0 < in_3d.sum() < 40  # the flat hand is among them
    assert torch.equal(batch.weight_3d[in_3d], batch.weight_2d[in_3d])
    for part in batch:
        assert part.isfinite().all()


def told(crops, wrong_by_px, joint):
    """A network that knows all labels but one joint's, of which it tells another place."""
    on_cells = crops.joints_px // 4 * 4 + 2
    exact = replace(crops, joints_px=on_cells)
    joints_px = on_cells.copy()
    joints_px[:, joint, 0] += wrong_by_px
    return exact, joints_px


@pytest.mark.parametrize("joint", [LACKING, HIDDEN])
def test_errors_are_over_labelled_joints_alone(data, crops, joint, monkeypatch):
    exact, joints_px = told(crops, 8, joint)
    joints = crops.joints.copy()
    joints[:, joint] += 3
    monkeypatch.setattr("dfmamba.evaluate.measurements.pack_crops", lambda *_: exact)
    figures, sheets = measured_on(data, Knowing(joints_px, joints))
    found = figures.real["made"]
    assert found.hands == 3
    assert found.mean == pytest.approx(0, abs=1e-4)
    assert [row for row, error in enumerate(found.per_joint) if error is None] == [
        LACKING,
        HIDDEN,
    ]
    assert figures.space["made"].best_scaled_mm == pytest.approx(0, abs=1e-3)
    assert figures.space["made"].pa_mm == pytest.approx(0, abs=1e-3)
    assert set(sheets) == {"made_sheet", "made_worst", "made_space"}


def test_errors_of_labelled_joints_count(data, crops, monkeypatch):
    exact, joints_px = told(crops, 8, MIDDLE_MCP)
    monkeypatch.setattr("dfmamba.evaluate.measurements.pack_crops", lambda *_: exact)
    figures, _ = measured_on(data, Knowing(joints_px, crops.joints))
    assert figures.real["made"].mean > 0.004
    assert figures.real["made"].per_joint[MIDDLE_MCP] > 0.08


def test_packs_from_before_there_were_weights_are_of_photographs(crops, tmp_path):
    path = tmp_path / "older.npz"
    stored = {name: each for name, each in vars(crops).items() if not name.startswith("weights")}
    save_arrays(path, stored)
    older = Crops.load(path)
    assert (older.weights_2d == 1).all()
    assert (older.weights_3d == FITTED).all()
    older.save(path)
    assert set(load_arrays(path)) == set(vars(crops))
    save_arrays(path, {"images": crops.images})
    with pytest.raises(UserError, match="another kind"):
        Crops.load(path)


def test_our_own_order_is_kept():
    make = np.random.default_rng(0)
    hand = Hand("left", make.normal(size=(21, 2)), np.ones(21, bool), make.normal(size=(21, 3)))
    same = hand.in_our_order(SAME_ORDER)
    np.testing.assert_array_equal(same.joints_px, hand.joints_px)
    np.testing.assert_array_equal(same.joints_mm, hand.joints_mm)
    assert same.valid_px.all()
    assert same.valid_mm.all()
