import os

import cv2
import numpy as np
import pytest

from dfmamba.errors import UserError
from dfmamba_live.settings import last_camera, remember_camera
from dfmamba_live.sources import AS_IT_LIKES, Camera, Choice, Mode, opening
from dfmamba_live.sources.driver import Driver
from dfmamba_live.sources.drivers import DRIVERS, camera_at, cameras
from dfmamba_live.sources.simulated import Simulated

HD = Mode((1280, 720), 30)


@pytest.fixture
def opened(monkeypatch):
    """Cameras 0 and 2 are there and work; the list tells what was opened."""
    there = [Camera(0, "Built-in"), Camera(2, "Stick")]
    calls = []
    driver = Driver("webcam", lambda: there, lambda camera, mode, _: calls.append((camera, mode)))
    monkeypatch.setitem(DRIVERS, "webcam", driver)
    return calls


@pytest.fixture
def no_camera(monkeypatch):
    def fail(camera, mode, wait):
        raise UserError(f"{camera} cannot be opened; plug it in")

    monkeypatch.setitem(DRIVERS, "webcam", Driver("webcam", lambda: [], fail))


def test_paths_of_every_kind(make_video, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "0.png"), np.zeros((48, 64, 3), np.uint8))
    found = [make_video(range(0, 200, 40)), folder, folder / "0.png"]
    assert [opening.open_path(each).kind for each in found] == ["video", "images", "images"]


def test_paths_that_hold_nothing(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    for path, complaint in (
        (tmp_path / "none.mp4", "there is no file or folder"),
        (tmp_path / "notes.txt", "no picture can be read"),
        (tmp_path, "no picture can be read"),
    ):
        with pytest.raises(UserError, match=complaint):
            opening.open_path(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(UserError, match="no file and no folder"):
        opening.open_path(tmp_path / "pipe.mp4")


def test_what_was_picked(make_video, opened):
    clip = make_video(range(0, 200, 40))
    assert opening.open_choice(Choice(path=clip)).name == "clip.mp4"
    assert opening.open_choice(Choice()).name == "demo.mp4"
    opening.open_choice(Choice(Camera(2, "Stick"), HD))
    assert opened == [(Camera(2, "Stick"), HD)]


def test_the_first_camera_is_the_usual_one(opened):
    opening.open_usual()
    opening.open_usual(HD)
    assert opened == [(Camera(0, "Built-in"), AS_IT_LIKES), (Camera(0, "Built-in"), HD)]


def test_the_camera_of_last_time_comes_first(opened):
    opening.open_camera(Camera(2, "Stick"), HD)
    opening.open_usual()
    assert opened == [(Camera(2, "Stick"), HD)] * 2


def test_the_camera_of_last_time_is_known_by_name(opened):
    remember_camera(Camera(5, "Stick"), HD)
    opening.open_usual()
    assert opened == [(Camera(2, "Stick"), HD)]


def test_the_camera_of_last_time_may_have_gone(opened):
    remember_camera(Camera(0, "Sold"), HD)
    opening.open_usual()
    assert opened == [(Camera(0, "Built-in"), AS_IT_LIKES)]


def test_another_driver_is_listed_opened_and_remembered(opened, monkeypatch):
    depth = Camera(0, "Depth", driver="other")

    def open_other(camera, mode, wait):
        return Simulated(64, 48, depth=True)

    monkeypatch.setitem(DRIVERS, "other", Driver("other", lambda: [depth], open_other))
    assert cameras() == [Camera(0, "Built-in"), Camera(2, "Stick"), depth]
    for source in (opening.open_choice(Choice(depth)), opening.open_usual()):
        assert source.read().depth is not None
    monkeypatch.delitem(DRIVERS, "other")
    opening.open_usual()
    assert opened == [(Camera(0, "Built-in"), AS_IT_LIKES)]


def test_a_number_is_that_of_the_first_driver_that_has_it(opened, monkeypatch):
    depth = [Camera(index, "Depth", driver="other") for index in (0, 5)]
    monkeypatch.setitem(DRIVERS, "other", Driver("other", lambda: depth, None))
    assert [camera_at(index) for index in (0, 5, 7)] == [
        Camera(0, "Built-in"),
        depth[1],
        Camera(7),
    ]


@pytest.mark.usefixtures("no_camera")
def test_built_in_clip_without_a_camera():
    source = opening.open_usual()
    assert source.name == "demo.mp4"
    source.close()
    assert last_camera() is None


@pytest.mark.usefixtures("no_camera")
def test_a_named_camera_is_never_replaced():
    with pytest.raises(UserError, match="camera 0 cannot be opened"):
        opening.open_camera(Camera(0))
    assert last_camera() is None


@pytest.mark.usefixtures("no_camera")
def test_neither_camera_nor_clip(monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "DEMO", tmp_path / "demo.mp4")
    with pytest.raises(UserError, match=r"camera 0 .* built-in clip .* is missing too"):
        opening.open_usual()
