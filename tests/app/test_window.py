from pathlib import Path
from threading import enumerate as threads
from time import perf_counter, sleep

import pytest
import torch
from fake_parts import MODEL, FakeEstimator, FakeScene, FakeSource
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog

from dfmamba.errors import UserError
from dfmamba_live.play.session import Session
from dfmamba_live.settings import Settings
from dfmamba_live.sources import DEMO, SourceAway
from dfmamba_live.views.image import ImageView
from dfmamba_live.views.text_window import Page
from dfmamba_live.window import MainWindow

pytestmark = pytest.mark.usefixtures("no_thread_left")


@pytest.fixture
def open_window(qtbot):
    windows = []

    def make(source=None, estimator=None):
        source, estimator = source or FakeSource(), estimator or FakeEstimator()
        window = MainWindow(Session(source, estimator), FakeScene(), torch.device("cpu"), MODEL)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitUntil(window.isActiveWindow)  # keys go to the active window alone
        windows.append(window)
        return window

    yield make
    for window in windows:
        window.close()


def visible(window):
    return {name for name, dock in window.docks.items() if dock.isVisible()}


def results(window):
    return window.scene.shown


def picture(window):
    return window.image.grab().toImage()


def test_it_shows_results_and_closes_within_a_second(open_window, qtbot):
    before = {thread.name for thread in threads()}
    window = open_window()
    qtbot.waitUntil(lambda: len(results(window)) > 5)
    assert window.cards.card("right").text == "right 0.97 about 50 cm from the camera"
    assert window.status.text("source") == "fake"
    assert window.status.text("device") == "CPU · hand"
    assert window.status.text("renderer") == "fake renderer"
    qtbot.waitUntil(lambda: len(window.speed.curves()[0]) > 5)
    assert 0 < window.speed.curves()[1]["show"][-1] < 1000
    qtbot.waitUntil(lambda: len(window.scan.over_time.curves()[0]) > 5)
    window.store.change(recording=True)
    begin = perf_counter()
    window.close()
    assert perf_counter() - begin < 1
    assert {thread.name for thread in threads()} <= before


def test_the_time_to_the_screen_holds_the_painting(open_window, qtbot, monkeypatch):
    paint = ImageView.paintEvent

    def slowly(view, event):
        sleep(0.03)
        paint(view, event)

    monkeypatch.setattr(ImageView, "paintEvent", slowly)
    window = open_window()
    qtbot.waitUntil(lambda: len(window.speed.curves()[0]) > 3)
    _, values = window.speed.curves()
    assert values["show"].min() >= 30


def test_the_built_in_clip_says_how_to_go_on(open_window, qtbot):
    window = open_window()
    window.session.open_path(DEMO)
    assert "press C for a camera" in window.statusBar().currentMessage()


@pytest.mark.parametrize("key", [Qt.Key.Key_A, Qt.Key.Key_O, Qt.Key.Key_M])
def test_keys_change_the_picture_and_back(open_window, qtbot, key):
    window = open_window()
    qtbot.waitUntil(lambda: bool(results(window)))
    plain = picture(window)
    qtbot.keyClick(window, key)
    qtbot.waitUntil(lambda: picture(window) != plain)
    qtbot.keyClick(window, key)
    qtbot.waitUntil(lambda: picture(window) == plain)


def test_number_keys_choose_the_layer(open_window, qtbot):
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_6)
    assert window.store.state.layer == 5
    assert window.commands["Layer 6"].isChecked()


def test_a_paused_picture_can_be_looked_into(open_window, qtbot):
    window = open_window()
    window.docks["Deformable scan"].hide()
    qtbot.waitUntil(lambda: bool(results(window)))
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.store.state.paused
    qtbot.wait(150)
    before = window.session.latest
    assert not before.estimate.traced
    qtbot.keyClick(window, Qt.Key.Key_O)
    qtbot.waitUntil(lambda: window.session.latest.estimate.traced)
    assert window.session.latest.frame is before.frame
    held, first = window.session.latest, picture(window)
    qtbot.keyClick(window, Qt.Key.Key_6)
    assert picture(window) != first  # its caption at least
    assert window.session.latest is held


def test_heat_maps_come_in_turn(open_window, qtbot):
    window = open_window()
    qtbot.waitUntil(lambda: bool(results(window)))
    plain, seen = picture(window), []
    for _ in range(3):
        qtbot.keyClick(window, Qt.Key.Key_V)
        qtbot.waitUntil(lambda: picture(window) not in [plain, *seen])
        seen.append(picture(window))
    qtbot.keyClick(window, Qt.Key.Key_V)
    qtbot.waitUntil(lambda: picture(window) == plain)


def test_nothing_is_traced_while_nobody_looks(open_window, qtbot):
    estimator = FakeEstimator()
    window = open_window(estimator=estimator)
    qtbot.waitUntil(lambda: True in estimator.traced)
    window.docks["Deformable scan"].hide()
    qtbot.waitUntil(lambda: not estimator.traced[-1])
    qtbot.keyClick(window, Qt.Key.Key_O)
    qtbot.waitUntil(lambda: estimator.traced[-1])


def test_reset_help_and_full_screen(open_window, qtbot):
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_Home)
    assert window.scene.looks == 1
    qtbot.keyClick(window, Qt.Key.Key_F)
    assert window.isFullScreen()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert not window.store.state.full_screen
    window.show_help()
    assert "Ctrl+O" in window.findChild(Page).text()


def test_panels_can_be_hidden_and_shown_from_the_menu(open_window):
    window = open_window()
    view_menu = next(each.menu() for each in window.menuBar().actions() if each.text() == "&View")
    switch = next(each for each in view_menu.actions() if each.text() == "Speed")
    switch.trigger()
    assert not window.speed.isVisible()
    switch.trigger()
    assert window.speed.isVisible()


def test_an_error_is_told_in_the_window(open_window, qtbot):
    source = FakeSource(count=0, error=UserError("the camera has gone; plug it in again"))
    window = open_window(source)
    qtbot.waitUntil(lambda: window.session.failure is not None)
    assert window.statusBar().currentMessage() == "the camera has gone; plug it in again"


def test_an_unreadable_video_leaves_the_source_playing(open_window, qtbot, tmp_path):
    window = open_window()
    window.session.open_path(tmp_path / "missing.mp4")
    assert "there is no file or folder" in window.statusBar().currentMessage()
    seen = len(results(window))
    qtbot.waitUntil(lambda: len(results(window)) > seen + 2)


def drop(window, *urls):
    """What Qt sends for a drop from another program; whether it was accepted."""
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    where, buttons = (QPoint(50, 50), Qt.DropAction.CopyAction, data), Qt.MouseButton.LeftButton
    no_key = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(*where, buttons, no_key)
    window.dragEnterEvent(enter)
    if enter.isAccepted():
        window.dropEvent(QDropEvent(QPointF(50, 50), *where[1:], buttons, no_key))
    return enter.isAccepted()


def test_a_dropped_video_is_played(open_window, qtbot, copy_clip):
    window = open_window()
    path = copy_clip("clip.mp4")
    assert drop(window, path.as_uri())
    assert window.status.text("source") == path.name
    assert window.kept_in(Settings()).recent == (str(path),)


def test_what_is_no_file_cannot_be_dropped(open_window):
    window = open_window()
    assert not drop(window, "https://example.org/clip.mp4")
    assert not drop(window)
    assert window.status.text("source") == "fake"


def test_panels_come_back_where_they_were(open_window):
    window = open_window()
    window.docks["Speed"].hide()
    window.resize(780, 640)
    window.close()
    again = open_window()
    again.restore(window.kept_in(Settings()))
    assert not again.docks["Speed"].isVisible()
    assert again.docks["Hand in 3D"].isVisible()
    assert (again.width(), again.height()) == (780, 640)


def test_the_window_can_be_small(open_window, qtbot, copy_clip):
    window = open_window()
    window.session.open_path(copy_clip("clip.mp4"))
    qtbot.waitUntil(window.bar.isVisible, timeout=10_000)
    least = window.minimumSizeHint()
    assert least.width() <= 900
    assert least.height() <= 600


def test_settings_that_make_no_sense_change_nothing(open_window):
    window = open_window()
    size, docks = window.size(), visible(window)
    window.restore(Settings("rubbish", "rubbish", ()))
    assert window.size() == size
    assert visible(window) == docks


class Unplugged(FakeSource):
    """Away at first, and again after some frames."""

    kind, reads = "camera", 0

    def read(self):
        self.reads += 1
        if self.reads == 1 or 10 < self.reads < 50:
            sleep(0.01)
            raise SourceAway("fake is not plugged in; plug it in to go on")
        return super().read()


def test_a_camera_that_is_away_is_told_and_when_it_is_back(open_window, qtbot):
    window = open_window(Unplugged(live=True))
    told = []
    window.statusBar().messageChanged.connect(told.append)
    qtbot.waitUntil(lambda: "fake is back" in told)
    assert told[-2] == "fake is not plugged in; plug it in to go on"
    assert told.count("fake is back") == 1


def test_no_dialogue_stands_in_the_way(open_window, qtbot):
    window = open_window()
    window.show_help()
    window.show_about()
    window.files.open_file()
    window.playback.choose_other_weights()
    dialogues = window.findChildren(QDialog)
    assert len(dialogues) == 4
    assert not any(dialogue.isModal() for dialogue in dialogues)
    seen = len(results(window))
    qtbot.waitUntil(lambda: len(results(window)) > seen + 2)


def test_another_video_takes_over(open_window, qtbot, monkeypatch):
    other, first, estimator = FakeSource(), FakeSource(), FakeEstimator()
    other.name = "other.mp4"
    monkeypatch.setattr("dfmamba_live.play.session.open_choice", lambda _: other)
    window = open_window(first, estimator)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    window.session.open_path(Path("other.mp4"))
    seen = len(results(window))
    qtbot.waitUntil(lambda: len(results(window)) > seen + 2)
    assert window.status.text("source") == "other.mp4"
    assert estimator.resets == 1
    assert not window.store.state.paused
    assert first.closed
    window.close()
    assert other.closed
