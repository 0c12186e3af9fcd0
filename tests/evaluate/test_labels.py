from contextlib import contextmanager

import cv2
import numpy as np
import pytest

from dfmamba.errors import UserError
from dfmamba.evaluate import labels as labels_module
from dfmamba.evaluate.consensus import VIEWS, CheckedHand, checked_hands
from dfmamba.evaluate.labels import Labels, label_folder, read_picture
from dfmamba.pipeline.landmarker import SeenHand


def hand(value, side="right"):
    seen = SeenHand(side, 0.9, np.full((21, 2), value), np.full((21, 3), value))
    return CheckedHand(seen, views=VIEWS, spread=0.01, unanimous=True)


@pytest.fixture
def folder(tmp_path):
    """Three pictures, each of one grey value: 10, 20, 30."""
    path = tmp_path / "photos"
    path.mkdir()
    for value in (10, 20, 30):
        cv2.imwrite(str(path / f"{value}.png"), np.full((8, 12, 3), value, np.uint8))
    return path


@pytest.fixture
def shown(monkeypatch):
    """The grey values that the stand-in teacher was shown; it finds a hand in all but 20."""
    seen = []

    @contextmanager
    def fake_landmarker(_):
        def teacher(image):
            value = int(image[0, 0, 0])
            seen.append(value)
            return [] if value == 20 else [hand(value)]

        yield teacher

    monkeypatch.setattr(labels_module, "checked_hands", lambda picture, ask: ask(picture))
    monkeypatch.setattr(labels_module, "Landmarker", fake_landmarker)
    return seen


def test_labels_come_back_from_the_file(tmp_path):
    labels = Labels.empty().add("a.png", [hand(1.0), hand(2.0, "left")]).add("b.png", [])
    labels.save(tmp_path / "deep" / "labels.npz")
    back = Labels.load(tmp_path / "deep" / "labels.npz")
    assert back.pictures.tolist() == ["a.png", "b.png"]
    assert back.files.tolist() == ["a.png", "a.png"]
    assert back.sides.tolist() == ["right", "left"]
    assert np.array_equal(back.joints_px, labels.joints_px)
    assert len(back.select(back.sides == "left")) == 1


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"PK\x03\x04 cut off"])
def test_a_broken_file_is_told_in_one_line(tmp_path, content):
    (tmp_path / "labels.npz").write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        Labels.load(tmp_path / "labels.npz")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UserError, match="no file"):
        Labels.load(tmp_path / "labels.npz")


@pytest.mark.usefixtures("shown")
def test_a_folder_is_labelled(folder, tmp_path):
    labels = label_folder(folder, tmp_path / "labels.npz")
    assert labels.pictures.tolist() == ["10.png", "20.png", "30.png"]
    assert labels.files.tolist() == ["10.png", "30.png"]
    assert Labels.load(tmp_path / "labels.npz").joints_px[:, 0, 0].tolist() == [10, 30]


def test_a_stopped_run_goes_on(folder, tmp_path, shown):
    Labels.empty().add("10.png", [hand(1.0)]).save(tmp_path / "labels.npz")
    labels = label_folder(folder, tmp_path / "labels.npz")
    assert shown == [20, 30]
    assert labels.joints_px[:, 0, 0].tolist() == [1, 30]


def test_folders_without_pictures_are_told(tmp_path):
    with pytest.raises(UserError, match="not a folder"):
        label_folder(tmp_path / "nowhere", tmp_path / "labels.npz")
    with pytest.raises(UserError, match=r"no \.jpg"):
        label_folder(tmp_path, tmp_path / "labels.npz")


def test_a_broken_picture_is_told(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match="broken"):
        read_picture(tmp_path / "broken.png")


def test_pictures_are_rgb(tmp_path):
    cv2.imwrite(str(tmp_path / "blue.png"), np.full((2, 2, 3), (255, 0, 0), np.uint8))
    assert read_picture(tmp_path / "blue.png")[0, 0].tolist() == [0, 0, 255]


HAND = np.random.default_rng(0).uniform(40, 100, (21, 2))
WIDTH, HEIGHT = 200, 140


def marked():
    """A picture with a bright dot at each joint, from which a stand-in teacher reads them."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for number, (x, y) in enumerate(HAND, start=1):
        cv2.circle(picture, (round(x), round(y)), 3, (10 * number, 0, 0), -1)
    return picture


def reader(error=0.0, side="right", turned_side="right"):
    """Finds the dots, `error` pixels off to the right in every picture that is not the first."""
    calls = []

    def teacher(picture):
        calls.append(picture.shape)
        red = picture[..., 0].astype(int)
        joints = []
        for number in range(1, 22):
            rows, columns = np.nonzero(np.abs(red - 10 * number) <= 2)
            joints.append((np.median(columns) + 0.5, np.median(rows) + 0.5))
        first = len(calls) == 1
        mirrored = len(calls) == 2
        told = side if first else ("left" if mirrored else turned_side)
        moved = np.add(joints, [0.0 if first else error, 0.0])
        return [SeenHand(told, 0.9, moved, np.zeros((21, 3)))]

    return teacher


def test_views_that_agree_give_a_label_to_believe():
    (found,) = checked_hands(marked(), reader())
    assert found.views == VIEWS
    assert found.unanimous
    assert found.spread < 0.03
    assert np.abs(found.hand.joints_px - HAND).mean() < 1.5
    assert Labels.empty().add("a.png", [found]).agreed.tolist() == [True]


def test_views_that_disagree_show():
    (found,) = checked_hands(marked(), reader(error=8.0))
    assert found.spread > 0.04
    (found,) = checked_hands(marked(), reader(turned_side="left"))
    assert not found.unanimous
    assert not Labels.empty().add("a.png", [found]).agreed.any()


def test_no_hand_needs_no_second_look():
    looks = []
    assert checked_hands(marked(), lambda picture: looks.append(picture.shape) or []) == []
    assert len(looks) == 1
