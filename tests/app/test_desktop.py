import signal
import sys
from types import SimpleNamespace

import pytest
import torch
from fake_parts import LOADED, MODEL, FakeEstimator, FakeOptions, FakeScene, FakeSource
from PySide6.QtCore import QTimer

from dfmamba.errors import UserError
from dfmamba_live.desktop import run
from dfmamba_live.photograph import Photograph
from dfmamba_live.play.session import Session
from dfmamba_live.settings import Settings, settings_file
from dfmamba_live.window import MainWindow

pytestmark = pytest.mark.usefixtures("no_thread_left")


def test_it_photographs_the_window_and_closes_it(qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr("dfmamba_live.photograph.SCREENSHOT_AFTER_S", 0.3)
    window = MainWindow(
        Session(FakeSource(), FakeEstimator()), FakeScene(), torch.device("cpu"), MODEL
    )
    qtbot.addWidget(window)
    window.show()
    path = tmp_path / "shot.png"
    photograph = Photograph(window, path)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert photograph.taken
    assert path.stat().st_size > 1000
    assert window.store.state.anchors
    assert window.store.state.offsets


@pytest.fixture
def fake_scene(monkeypatch):
    module = SimpleNamespace(SceneWidget=FakeScene)
    monkeypatch.setitem(sys.modules, "dfmamba_live.views.scene.widget", module)


def test_run_takes_the_screenshot_and_returns_zero(qtbot, fake_scene, monkeypatch, tmp_path):
    monkeypatch.setattr("dfmamba_live.photograph.SCREENSHOT_AFTER_S", 0.3)
    options = FakeOptions(screenshot=tmp_path / "shot.png")
    assert run(options, LOADED, FakeSource(), FakeEstimator()) == 0
    assert options.screenshot.is_file()


def test_the_program_has_its_icon_and_name(qapp, qtbot, fake_scene):
    QTimer.singleShot(300, lambda: signal.raise_signal(signal.SIGINT))
    run(FakeOptions(), LOADED, FakeSource(), FakeEstimator())
    assert not qapp.windowIcon().pixmap(64, 64).isNull()
    assert qapp.applicationDisplayName() == "DF-Mamba Live"


def test_the_window_comes_back_where_it_was(qtbot, fake_scene, monkeypatch):
    kept = []
    monkeypatch.setattr(
        "dfmamba_live.desktop.MainWindow.restore", lambda _, each: kept.append(each)
    )
    for _ in range(2):
        QTimer.singleShot(300, lambda: signal.raise_signal(signal.SIGINT))
        run(FakeOptions(), LOADED, FakeSource(), FakeEstimator())
    assert kept[0] == Settings()
    assert kept[1].geometry
    assert kept[1].docks


def test_broken_settings_are_told_in_the_window(qtbot, fake_scene, monkeypatch):
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text("{")
    said = []
    monkeypatch.setattr(
        "dfmamba_live.desktop.MainWindow.say", lambda _, line, **__: said.append(line)
    )
    QTimer.singleShot(300, lambda: signal.raise_signal(signal.SIGINT))
    assert run(FakeOptions(), LOADED, FakeSource(), FakeEstimator()) == 0
    assert any("damaged" in line for line in said)


def test_run_tells_why_there_is_no_screenshot(qtbot, fake_scene, tmp_path):
    source = FakeSource(count=0, error=UserError("the camera has gone; plug it in again"))
    with pytest.raises(UserError, match="the camera has gone"):
        run(FakeOptions(screenshot=tmp_path / "shot.png"), LOADED, source, FakeEstimator())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_ctrl_c_and_polite_kills_close_the_window(name, qtbot, fake_scene):
    number = getattr(signal, name)
    before = signal.getsignal(number)
    QTimer.singleShot(300, lambda: signal.raise_signal(number))
    assert run(FakeOptions(), LOADED, FakeSource(), FakeEstimator()) == 0
    assert settings_file().is_file()
    assert signal.getsignal(number) is before
