import pytest
from fake_parts import FakeEstimator, FakeSource
from PySide6.QtWidgets import QWidget

from dfmamba_live.controllers import cameras as module
from dfmamba_live.controllers.cameras import Cameras
from dfmamba_live.play.session import Session
from dfmamba_live.settings import remember_camera
from dfmamba_live.sources import AS_IT_LIKES, MODES, Camera, Choice, Mode

pytestmark = pytest.mark.usefixtures("no_thread_left")

FRONT, BACK = Camera(0, "Front"), Camera(2, "Back")


class CameraSource(FakeSource):
    kind = "camera"


@pytest.fixture
def plugged(monkeypatch):
    """The cameras that are there; a test adds and removes."""
    there = [FRONT]
    monkeypatch.setattr(module, "cameras", lambda: list(there))
    return there


@pytest.fixture
def chosen(monkeypatch):
    """What was opened, in order."""
    choices = []

    def open_choice(choice):
        choices.append(choice)
        if choice.camera is None:
            return FakeSource()
        remember_camera(choice.camera, choice.mode)
        return CameraSource(live=True)

    monkeypatch.setattr("dfmamba_live.play.session.open_choice", open_choice)
    return choices


@pytest.fixture
def made(qtbot, plugged, chosen):
    window, session = QWidget(), Session(FakeSource(), FakeEstimator())
    qtbot.addWidget(window)
    cameras = Cameras(window, session)
    cameras.lines = []
    cameras.told.connect(cameras.lines.append)
    cameras.look()
    qtbot.waitUntil(lambda: cameras.present is not None)
    yield cameras
    cameras.close()
    session.close()


def entry(cameras, text):
    return next(each for each in cameras.menu.actions() if each.text() == text)


def marked(cameras):
    return [each.text() for each in cameras.menu.actions() if each.isChecked()]


def test_cameras_are_named_and_the_running_one_is_marked(made, chosen):
    assert marked(made) == [str(AS_IT_LIKES)]
    entry(made, "Front (camera 0)").trigger()
    assert chosen == [Choice(FRONT, AS_IT_LIKES)]
    assert marked(made) == ["Front (camera 0)", str(AS_IT_LIKES)]


def test_another_mode_starts_the_running_camera_anew(made, chosen):
    entry(made, str(MODES[2])).trigger()
    assert chosen == []
    made.choose(FRONT)
    entry(made, str(MODES[1])).trigger()
    assert chosen == [Choice(FRONT, MODES[2]), Choice(FRONT, MODES[1])]
    assert marked(made) == ["Front (camera 0)", str(MODES[1])]


def test_a_camera_is_offered_what_it_tells(made, plugged, qtbot):
    mode = Mode((1920, 1080), 50)
    plugged.append(Camera(2, "Back", (AS_IT_LIKES, mode)))
    made.look()
    qtbot.waitUntil(lambda: len(made.present) == 2)
    made.choose(BACK)
    texts = [each.text() for each in made.menu.actions()]
    assert str(mode) in texts
    assert str(MODES[1]) not in texts


def test_the_clip_takes_the_mark_from_the_camera(made, chosen):
    made.choose(FRONT)
    entry(made, "Built-in clip").trigger()
    assert chosen[-1] == Choice()
    assert marked(made) == [str(AS_IT_LIKES)]


def test_a_camera_that_comes_or_goes_is_told(made, plugged, qtbot):
    plugged.append(BACK)
    made.menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: len(made.lines) == 1)
    assert made.lines[0].startswith("Back (camera 2) was plugged in")
    plugged.remove(FRONT)
    made.look()
    qtbot.waitUntil(lambda: len(made.lines) == 2)
    assert made.lines[1] == "Front (camera 0) was unplugged"
    texts = [each.text() for each in made.menu.actions()]
    assert "Back (camera 2)" in texts
    assert "Front (camera 0)" not in texts


def test_without_a_camera_it_says_what_to_do(made, plugged, qtbot):
    plugged.clear()
    made.look()
    qtbot.waitUntil(lambda: made.present == [])
    assert not entry(made, "None found; plug one in").isEnabled()


def test_a_change_of_the_devices_is_noticed(made, plugged, qtbot):
    plugged.append(BACK)
    made._watcher.directoryChanged.emit("/dev")
    qtbot.waitUntil(lambda: bool(made.lines))
