"""The commands that go through a file, by their keys, in the window."""

from pathlib import Path

import pytest
import torch
from fake_clip import FakeClip, FakeEstimator, FakeReader
from fake_parts import MODEL, FakeScene, FakeSource
from manual_clock import ManualClock
from PySide6.QtCore import QPoint, Qt

from dfmamba.errors import UserError
from dfmamba_live.play.session import Session
from dfmamba_live.sources import open_frames
from dfmamba_live.window import MainWindow

pytestmark = pytest.mark.usefixtures("no_thread_left")

TIMES = [0.0, 0.05, 0.07, 0.2, 0.21, 0.4, *(0.5 + i / 25 for i in range(24))]
LOW = {3: 0.2, 7: 0.4, 8: 0.49, 20: 0.1}


@pytest.fixture
def open_window(qtbot, monkeypatch):
    windows = []

    def make(clip=None, estimator=None, path=Path("clip.mp4")):
        clip = clip or FakeClip(TIMES)
        monkeypatch.setattr("dfmamba_live.play.clip.open_frames", lambda _: clip.open())
        source = FakeSource()
        source.path = path
        clock = ManualClock()
        session = Session(source, estimator or FakeEstimator(confidence=LOW), clock)
        window = MainWindow(session, FakeScene(), torch.device("cpu"), MODEL)
        window.clock = clock
        qtbot.addWidget(window)
        window.show()
        qtbot.waitUntil(window.isActiveWindow)  # keys go to the active window alone
        windows.append(window)
        if path is not None:
            qtbot.waitUntil(lambda: window.bar.isVisible() and window.session.latest is not None)
        return window

    yield make
    for window in windows:
        window.close()


@pytest.fixture
def paused(open_window, qtbot):
    """A window whose clip is known to its end and stands at frame 0."""
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    go(window, qtbot, 0)
    run(window, qtbot, lambda: bool(player(window).findings.overview().settled.all()))
    return window


def player(window):
    return window.playback._player


def shown(window):
    """The frame that is shown with its hands; None while they are still being found."""
    result = window.session.latest
    return None if result.pending else result.frame.index


def run(window, qtbot, met):
    """Let the clip's time run until something has come about."""

    def step():
        window.clock.advance(0.02)
        if player(window) is not None:
            player(window).set_speed(player(window).transport.speed)  # it looks at the clock again
        return met()

    qtbot.waitUntil(step)


def go(window, qtbot, index):
    window.clock.advance(0.01)
    player(window).seek(index)
    qtbot.waitUntil(lambda: shown(window) == index)


def press(window, qtbot, *keys):
    for key in keys:
        qtbot.keyClicks(window, key) if isinstance(key, str) else qtbot.keyClick(window, key)


def test_space_plays_and_holds(open_window, qtbot):
    window = open_window()
    run(window, qtbot, lambda: (shown(window) or 0) > 5)
    press(window, qtbot, " ")
    assert window.store.state.paused
    held = player(window).transport.index
    window.clock.advance(0.5)
    assert player(window).transport.index == held
    press(window, qtbot, " ")
    run(window, qtbot, lambda: player(window).transport.index != held)


def test_comma_and_full_stop_step_exactly(paused, qtbot):
    go(paused, qtbot, 2)
    for key, index in (".", 3), (".", 4), (",", 3), (",", 2), (",", 1), (".", 2):
        press(paused, qtbot, key)
        qtbot.waitUntil(lambda index=index: shown(paused) == index)
    assert f"frame 2 / {len(TIMES) - 1}" in paused.bar.text()
    assert paused.bar.text().startswith("0:00.07 / ")


def test_a_step_while_playing_holds(open_window, qtbot):
    window = open_window()
    press(window, qtbot, ".")
    qtbot.waitUntil(lambda: window.store.state.paused)
    assert not player(window).transport.playing


def test_ends_of_the_clip(paused, qtbot):
    qtbot.keyClick(paused, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown(paused) == len(TIMES) - 1)
    qtbot.keyClick(paused, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown(paused) == 0)


def test_a_b_loop(paused, qtbot):
    go(paused, qtbot, 3)
    press(paused, qtbot, "[")
    go(paused, qtbot, 5)
    press(paused, qtbot, "]")
    transport = player(paused).transport
    assert (transport.a, transport.b, transport.looping) == (3, 5, True)
    assert paused.bar.timeline._loop == (3, 5)
    seen = []
    paused.session.result.connect(lambda result: seen.append(result.frame.index))
    press(paused, qtbot, " ")
    run(paused, qtbot, lambda: len(seen) > 6)
    assert set(seen) <= {3, 4, 5}
    press(paused, qtbot, "l")
    assert not player(paused).transport.looping
    run(paused, qtbot, lambda: max(seen) > 5)
    qtbot.keyClick(paused, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert player(paused).transport.a is None


def test_without_looping_it_stops_at_the_end_and_space_starts_again(paused, qtbot):
    press(paused, qtbot, "l")
    go(paused, qtbot, 24)
    press(paused, qtbot, " ")
    run(paused, qtbot, lambda: paused.store.state.paused)
    qtbot.waitUntil(lambda: shown(paused) == len(TIMES) - 1)
    press(paused, qtbot, " ")
    run(paused, qtbot, lambda: 0 <= player(paused).transport.index < 20)


def test_speeds(paused, qtbot):
    press(paused, qtbot, "<", "<")
    assert player(paused).transport.speed == 0.25
    press(paused, qtbot, *">" * 9)
    assert player(paused).transport.speed == 4
    qtbot.waitUntil(lambda: paused.bar._speed.currentText() == "4×")
    paused.bar._speed.activated.emit(0)
    assert player(paused).transport.speed == 0.1


def test_jumps_to_frames_of_low_confidence(paused, qtbot):
    for key, index in ("n", 3), ("n", 7), ("n", 8), ("n", 20):
        press(paused, qtbot, key)
        qtbot.waitUntil(lambda index=index: shown(paused) == index)
    press(paused, qtbot, "n")
    assert "no frame of low confidence after this one" in paused.statusBar().currentMessage()
    qtbot.keyClick(paused, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: shown(paused) == 8)


def test_a_drag_goes_along_and_then_plays_on(open_window, qtbot):
    window = open_window()
    line = window.bar.timeline

    def at(index):
        return QPoint(round(line.place_of(index + 0.5)), line.height() // 2)

    qtbot.mousePress(line, Qt.MouseButton.LeftButton, pos=at(4))
    for index in (8, 12, 20):
        qtbot.mouseMove(line, at(index))
        qtbot.waitUntil(lambda index=index: shown(window) == index)
    window.clock.advance(0.5)
    assert player(window).transport.index == 20
    assert not window.store.state.paused
    qtbot.mouseRelease(line, Qt.MouseButton.LeftButton, pos=at(20))
    run(window, qtbot, lambda: player(window).transport.index > 21)


def test_a_drag_at_rest_stays_at_rest(paused, qtbot):
    line = paused.bar.timeline
    place = QPoint(round(line.place_of(6.5)), line.height() // 2)
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: shown(paused) == 6)
    paused.clock.advance(0.5)
    assert (player(paused).transport.index, paused.store.state.paused) == (6, True)


def test_weights_are_compared_and_no_longer(paused, qtbot, monkeypatch):
    monkeypatch.setattr("dfmamba_live.controllers.playback._load", lambda *_: FakeReader(shift=0.1))
    before = paused.image.grab().toImage()
    paused.playback.compare_with(Path("other.safetensors"))
    qtbot.waitUntil(lambda: paused.session.latest.difference is not None)
    assert paused.docks["Comparison"].isVisible()
    here, mean = paused.difference.lines()
    assert here == "this frame: 8.8 mm, 0.1 px"  # 92.3 mm x 0.1 for 20 joints of 21
    assert mean == "mean of 1 frame: 8.8 mm, 0.1 px"
    assert paused.image.grab().toImage() != before  # the ghost
    qtbot.keyClick(paused, Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: paused.session.latest.difference is None)
    assert not paused.docks["Comparison"].isVisible()


def test_weights_that_cannot_be_read_are_told(paused, qtbot, tmp_path):
    paused.playback.compare_with(tmp_path / "none.safetensors")
    qtbot.waitUntil(lambda: "there is no weights file" in paused.statusBar().currentMessage())
    assert not paused.docks["Comparison"].isVisible()
    press(paused, qtbot, ".")
    qtbot.waitUntil(lambda: shown(paused) == 1)


def test_a_camera_has_no_transport(open_window, qtbot):
    window = open_window(path=None)
    run(window, qtbot, lambda: window.session.latest is not None)
    assert not window.bar.isVisible()
    press(window, qtbot, ".")
    assert "only files can be gone through" in window.statusBar().currentMessage()


def test_a_file_without_times_is_played_without_a_timeline(open_window, qtbot, monkeypatch):
    def refuse(_):
        raise UserError("clip.mp4 has frames without a time of their own; convert it to .mp4")

    window = open_window(path=None)
    monkeypatch.setattr("dfmamba_live.play.clip.open_frames", refuse)
    source = FakeSource()
    source.path = Path("clip.mp4")
    monkeypatch.setattr("dfmamba_live.play.session.open_choice", lambda _: source)
    window.session.open_path(Path("clip.mp4"))
    run(window, qtbot, lambda: window.session.latest is not None)
    assert "convert it to .mp4; until then it plays without a timeline" in (
        window.statusBar().currentMessage()
    )
    assert not window.bar.isVisible()


def test_what_is_gone_through_can_be_recorded(paused, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "dfmamba_live.controllers.capture.QStandardPaths.writableLocation", lambda _: str(tmp_path)
    )
    paused.store.change(recording=True)
    for index in (9, 3, 12):
        go(paused, qtbot, index)
    paused.store.change(recording=False)
    qtbot.waitUntil(lambda: "frames recorded" in paused.statusBar().currentMessage())
    (folder,) = tmp_path.iterdir()
    recorded = open_frames(folder)
    last = [recorded.read(i).image.mean() for i in range(len(recorded) - 3, len(recorded))]
    assert last == pytest.approx([9, 3, 12], abs=1.5)
    recorded.close()


def test_weights_named_before_the_file_is_open_are_compared_then(open_window, qtbot, monkeypatch):
    monkeypatch.setattr("dfmamba_live.controllers.playback._load", lambda *_: FakeReader(shift=0.1))
    window = open_window(path=None)
    source = FakeSource()
    source.path = Path("clip.mp4")
    monkeypatch.setattr("dfmamba_live.play.session.open_choice", lambda _: source)
    window.session.open_path(Path("clip.mp4"))
    window.playback.compare_with(Path("other.safetensors"))
    assert window.docks["Comparison"].isVisible()
    qtbot.waitUntil(lambda: window.session.latest and window.session.latest.difference)
