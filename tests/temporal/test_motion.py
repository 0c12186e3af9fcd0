import os
from time import time

import numpy as np
import pytest

from dfmamba.synth import SynthConfig, TrainingPictures
from dfmamba.temporal import motion
from dfmamba.temporal.motion import AWAY, HEIGHT, RATE, WIDTH, Motion, made_motion, webcam


@pytest.fixture(scope="module")
def pictures(hand_file):
    return TrainingPictures(SynthConfig(size=WIDTH, hand=hand_file))


@pytest.fixture(scope="module")
def shown(pictures):
    return motion.render_motion(pictures, 1)


def test_joints_lie_on_the_hands(shown):
    assert shown.frames.shape == (1, HEIGHT, WIDTH, 3)
    changed = np.abs(shown.frames[0].astype(int) - motion.wall()).max(axis=-1) > 12
    columns, rows = shown.joints_px[0].reshape(-1, 2).astype(int).T
    assert changed[rows, columns].mean() > 0.8
    assert changed.mean() < 0.5
    assert (shown.joints_px[0, 0, :, 0] < WIDTH / 2).all()  # a right hand, on the camera's left


def test_the_right_hand_is_the_quicker_one(pictures):
    before, after = (motion.hands_at(pictures.kits[0], time_s).joints for time_s in (0.0, 0.1))
    quick, slow = (after - before).norm(dim=-1).mean(dim=-1).tolist()
    assert quick > 2 * slow > 0


def test_at_rest_only_the_camera_changes(shown):
    rest = shown.at_rest(3)
    assert (rest.joints_px == rest.joints_px[0]).all()
    one, other, _ = webcam(rest.frames)
    assert other.time_s - one.time_s == pytest.approx(1 / RATE)
    assert one.camera == motion.CAMERA
    assert 1 < np.abs(one.image.astype(int) - other.image).mean() < 6


def test_hands_leave_and_come_again(shown):
    frames = shown.leaving()
    assert len(frames) == 3 * AWAY
    np.testing.assert_array_equal(frames[0], shown.frames[0])
    np.testing.assert_array_equal(frames[AWAY], motion.wall().astype(np.uint8))
    np.testing.assert_array_equal(frames[2 * AWAY], shown.frames[0])


def test_it_is_rendered_once_for_a_baked_hand(shown, tmp_path, monkeypatch):
    calls = []

    def render(*_):
        calls.append(1)
        return Motion(shown.frames, shown.joints_px, shown.joints_mm)

    hand = tmp_path / "hand.npz"
    hand.write_text("baked")
    monkeypatch.setattr(motion, "baked_hand", lambda: hand)
    monkeypatch.setattr(motion, "TrainingPictures", lambda _: None)
    monkeypatch.setattr(motion, "render_motion", render)
    first, again = made_motion(), made_motion()
    assert calls == [1]
    np.testing.assert_array_equal(first.frames, again.frames)
    os.utime(hand, (time() + 9, time() + 9))  # baked anew
    made_motion()
    assert calls == [1, 1]
