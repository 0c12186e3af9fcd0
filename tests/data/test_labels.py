from contextlib import contextmanager

import cv2
import numpy as np
import pytest

from dfmamba.data import labels as labels_module
from dfmamba.data.consensus import VIEWS, CheckedHand
from dfmamba.data.labels import Labels, label_folder
from dfmamba.errors import UserError
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
    def fake_landmarker():
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


def test_a_broken_picture_takes_no_labels_along(folder, tmp_path, shown):
    (folder / "15.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"15\.png is not a picture"):
        label_folder(folder, tmp_path / "labels.npz")
    assert Labels.load(tmp_path / "labels.npz").pictures.tolist() == ["10.png"]


def test_an_output_in_the_way_is_told_before_any_work(folder, tmp_path, shown):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        label_folder(folder, tmp_path / "file" / "labels.npz")
    assert shown == []


def test_folders_without_pictures_are_told(tmp_path):
    with pytest.raises(UserError, match="not a folder"):
        label_folder(tmp_path / "nowhere", tmp_path / "labels.npz")
    with pytest.raises(UserError, match=r"no \.jpg"):
        label_folder(tmp_path, tmp_path / "labels.npz")
