import cv2
import numpy as np
import pytest
import torch

from dfmamba.camera import CROP_SCALE
from dfmamba.data.consensus import VIEWS, CheckedHand
from dfmamba.data.crops import Crops
from dfmamba.data.labelled import LabelledPhotographs
from dfmamba.data.labels import Labels
from dfmamba.data.pack import fitted, pack_crops
from dfmamba.errors import UserError
from dfmamba.hand import MIDDLE_MCP, WRIST
from dfmamba.pipeline.landmarker import SeenHand
from dfmamba.synth.hand.hand_model import HandArrays, HandModel
from dfmamba.synth.rotations import axis_turn

WIDTH, HEIGHT = 120, 100


def packed(labels, folder, *how):
    return pack_crops(LabelledPhotographs(labels, folder), *how)


def joints(seed=0, scale=1.0):
    return np.random.default_rng(seed).uniform(30, 70, (21, 2)) * scale


def hand(joints_px, side="right", score=0.95, spread=0.01, joints_mm=None):
    in_space = np.random.default_rng(5).normal(0, 40, (21, 3)) if joints_mm is None else joints_mm
    seen = SeenHand(side, score, joints_px, in_space)
    return CheckedHand(seen, views=VIEWS, spread=spread, unanimous=True)


@pytest.fixture
def folder(tmp_path):
    picture = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "plain.png"), picture)
    cv2.imwrite(str(tmp_path / "mirrored.png"), picture[:, ::-1])
    return tmp_path


def test_a_mirrored_left_hand_gives_the_crop_of_a_right_one(folder):
    mirrored = joints() * [-1, 1] + [WIDTH, 0]
    labels = Labels.empty().add("plain.png", [hand(joints())])
    labels = labels.add("mirrored.png", [hand(mirrored, "left")])
    crops = packed(labels, folder, 64)
    assert crops.joints_px[0] == pytest.approx(crops.joints_px[1])
    difference = crops.images[0].astype(int) - crops.images[1]
    assert np.abs(difference).max() <= 8  # the warp's fixed-point weights round either way
    assert crops.sides.tolist() == ["right", "left"]


def test_joints_in_space_are_those_of_the_hand_shown_in_palms(folder):
    joints_mm = np.random.default_rng(1).normal(10, 40, (21, 3))
    labels = Labels.empty().add("plain.png", [hand(joints(), joints_mm=joints_mm)])
    mirrored = hand(joints() * [-1, 1] + [WIDTH, 0], "left", joints_mm=joints_mm * [-1, 1, 1])
    crops = packed(labels.add("mirrored.png", [mirrored]), folder, 64)
    assert crops.joints[0] == pytest.approx(crops.joints[1])
    assert not crops.joints[:, WRIST].any()
    assert np.linalg.norm(crops.joints[:, MIDDLE_MCP], axis=-1) == pytest.approx(1)
    bones, true = (np.diff(each, axis=0) for each in (crops.joints[0], joints_mm))
    assert bones / bones[0, 0] == pytest.approx(true / true[0, 0])


def test_the_box_fills_its_share_of_the_crop(folder):
    crops = packed(Labels.empty().add("plain.png", [hand(joints())]), folder, 128)
    assert crops.images.shape == (1, 128, 128, 3)
    assert np.ptp(crops.joints_px[0], axis=0).max() == pytest.approx(128 / CROP_SCALE)
    middle = (crops.joints_px[0].min(axis=0) + crops.joints_px[0].max(axis=0)) / 2
    assert middle == pytest.approx([64, 64])


def test_doubtful_labels_are_left_out(folder):
    hands = [
        hand(joints()),
        hand(joints(), score=0.6),
        hand(joints(scale=0.1)),  # tiny
        hand(joints() + np.array([WIDTH, 0])),  # outside
    ]
    assert len(packed(Labels.empty().add("plain.png", hands), folder, 32)) == 1
    with pytest.raises(UserError, match="well enough"):
        packed(Labels.empty().add("plain.png", hands[1:]), folder, 32)


def test_a_wider_crop_holds_the_hand_in_its_middle(folder):
    labels = Labels.empty().add("plain.png", [hand(joints())])
    crops = packed(labels, folder, 96, 1.5)
    assert crops.margin == 1.5
    side = np.ptp(crops.joints_px[0], axis=0).max()
    assert side == pytest.approx(96 / CROP_SCALE / 1.5)


def test_views_that_disagree_are_left_out(folder):
    hands = [hand(joints(0)), hand(joints(1), spread=0.2)]
    assert len(packed(Labels.empty().add("plain.png", hands), folder, 32)) == 1


def test_a_missing_photograph_is_told(folder):
    labels = Labels.empty().add("gone.png", [hand(joints())])
    with pytest.raises(UserError, match="missing"):
        packed(labels, folder)


def test_crops_come_back_from_the_file(folder, tmp_path):
    crops = packed(Labels.empty().add("plain.png", [hand(joints())]), folder, 32)
    crops.save(tmp_path / "crops.npz")
    back = Crops.load(tmp_path / "crops.npz")
    assert np.array_equal(back.images, crops.images)
    assert np.array_equal(back.joints_px, crops.joints_px)
    assert np.array_equal(back.joints, crops.joints)
    assert len(back) == 1


def test_packs_are_joined_if_they_are_cut_alike(folder, tmp_path):
    labels = Labels.empty().add("plain.png", [hand(joints(0)), hand(joints(1))])
    paths = [tmp_path / name for name in ("one.npz", "two.npz", "other.npz")]
    one, two = packed(labels, folder, 32, 1.5), packed(labels, folder, 32, 1.5)
    one.save(paths[0])
    two.save(paths[1])
    both = Crops.load_all(paths[:2])
    assert len(both) == 4
    assert both.margin == 1.5
    np.testing.assert_array_equal(both.joints_px[2:], two.joints_px)
    np.testing.assert_array_equal(both.joints[2:], two.joints)
    for other in (packed(labels, folder, 48, 1.5), packed(labels, folder, 32)):
        other.save(paths[2])
        with pytest.raises(UserError, match="cut in different ways"):
            Crops.load_all(paths)


def test_fitted_hands_lean_less_towards_the_camera(folder, hand_file, monkeypatch):
    monkeypatch.setattr("dfmamba.synth.hand.hand_model.baked_hand", lambda: hand_file)
    model = HandModel(HandArrays.load())
    bones = len(model.arrays.heads)
    still = torch.eye(3).expand(1, bones, 3, 3)
    shape = torch.zeros(1, len(model.arrays.shape_heads))
    flat = model(shape, still, axis_turn(torch.tensor([20.0]), 0))[1][0].double().numpy()
    labels = Labels.empty().add("plain.png", [hand(50 + 0.2 * flat[:, :2], joints_mm=flat)])
    before = packed(labels, folder, 64)
    monkeypatch.setattr("dfmamba.data.hand_fit.STEPS", 80)
    after = fitted(before)

    def depth(crops):
        return crops.joints[0, MIDDLE_MCP, 2]

    assert depth(after) > depth(before) + 0.05
    assert np.array_equal(after.joints_px, before.joints_px)
