import cv2
import numpy as np
import pytest

from app.sources import opening
from dfmamba.errors import UserError

MISSING = UserError("camera 0 cannot be opened; plug it in")


@pytest.fixture
def no_camera(monkeypatch):
    def fail(index):
        raise MISSING

    monkeypatch.setattr(opening, "Webcam", fail)


def test_named_sources(make_video, tmp_path):
    video = make_video(range(0, 200, 40))
    assert opening.open_source(None, video, None).kind == "video"
    cv2.imwrite(str(tmp_path / "0.png"), np.zeros((48, 64, 3), np.uint8))
    assert opening.open_source(None, None, tmp_path).kind == "images"


def test_camera_is_first_choice(monkeypatch):
    monkeypatch.setattr(opening, "Webcam", lambda index: f"camera {index}")
    assert opening.open_source(2, None, None) == "camera 2"
    assert opening.open_source(None, None, None) == "camera 0"


@pytest.mark.usefixtures("no_camera")
def test_built_in_clip_without_a_camera(monkeypatch, make_video):
    clip = make_video(range(0, 200, 40), "demo.mp4")
    monkeypatch.setattr(opening, "DEMO", clip)
    assert opening.open_source(None, None, None).name == "demo.mp4"


@pytest.mark.usefixtures("no_camera")
def test_a_named_camera_is_never_replaced():
    with pytest.raises(UserError, match="camera 0 cannot be opened"):
        opening.open_source(0, None, None)


@pytest.mark.usefixtures("no_camera")
def test_neither_camera_nor_clip(monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "DEMO", tmp_path / "demo.mp4")
    with pytest.raises(UserError, match=r"camera 0 .* built-in clip .* is missing too"):
        opening.open_source(None, None, None)
