import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from fake_parts import GREY, HEIGHT, MODEL, WIDTH, FakeEstimator, FakeSource

from dfmamba.errors import UserError
from dfmamba_live.controllers import capture as module
from dfmamba_live.controllers.capture import Capture
from dfmamba_live.play.session import Session
from dfmamba_live.sources import open_path
from dfmamba_live.sources.simulated import Simulated
from dfmamba_live.state import Store

pytestmark = pytest.mark.usefixtures("no_thread_left")


@pytest.fixture
def made(qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "dfmamba_live.controllers.capture.QStandardPaths.writableLocation", lambda _: str(tmp_path)
    )
    session, store = Session(FakeSource(live=True), FakeEstimator()), Store()
    capture = Capture(session, store, MODEL)
    capture.lines, capture.counts = [], []
    capture.told.connect(capture.lines.append)
    capture.recorded.connect(capture.counts.append)
    session.start()
    qtbot.waitUntil(lambda: session.latest is not None)
    yield capture
    session.close()
    capture.close()


def test_a_recording_holds_what_was_shown_and_can_be_played(made, qtbot, tmp_path):
    made.store.change(recording=True)
    qtbot.waitUntil(lambda: bool(made.counts) and made.counts[-1] >= 5)
    made.store.change(recording=False)
    qtbot.waitUntil(lambda: bool(made.lines))
    assert made.counts[0] == 0
    assert made.counts[-1] is None
    (folder,) = tmp_path.iterdir()
    assert str(folder) in made.lines[0]
    about = json.loads((folder / "recording.json").read_text())
    assert about["model"] == MODEL
    assert about["settings"] == {"fov_deg": 60.0, "detector": "fake"}
    played = open_path(folder)
    assert played.frame_count >= 5
    assert abs(int(played.read().image[5, 5, 0]) - GREY) < 4
    played.close()


def test_depth_reaches_the_estimator_and_the_recording(qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "dfmamba_live.controllers.capture.QStandardPaths.writableLocation", lambda _: str(tmp_path)
    )
    estimator, store = FakeEstimator(), Store()
    session = Session(Simulated(64, 48, depth=True), estimator)
    capture = Capture(session, store, MODEL)
    counts, lines, shown = [], [], []
    session.start()
    store.change(recording=True)
    capture.recorded.connect(counts.append)
    capture.told.connect(lines.append)
    session.result.connect(lambda result: shown.append(result.frame))
    qtbot.waitUntil(lambda: bool(counts) and counts[-1] >= 5)
    store.change(recording=False)
    qtbot.waitUntil(lambda: bool(lines))
    session.close()
    capture.close()
    (folder,) = tmp_path.iterdir()
    played = open_path(folder)
    found = list(iter(played.read, None))
    played.close()
    assert len(found) >= 5
    for frame, recorded in zip(shown, found, strict=False):
        assert frame in estimator.seen
        assert recorded.camera == frame.camera
        assert recorded.depth.unit_mm == frame.depth.unit_mm
        np.testing.assert_array_equal(recorded.depth.values, frame.depth.values)


def test_a_held_frame_that_is_looked_at_again_is_recorded_once(made, qtbot):
    session = made.session
    session.pause(True)
    qtbot.wait(150)
    made.store.change(recording=True)
    session.result.emit(session.latest)
    later = replace(session.latest, frame=replace(session.latest.frame, index=10**6))
    for _ in range(3):
        session.result.emit(later)
    made.store.change(recording=False)
    qtbot.waitUntil(lambda: bool(made.lines))
    assert made.lines[0].startswith("1 frame recorded")


def test_another_source_ends_the_recording(made, qtbot, copy_clip):
    made.store.change(recording=True)
    qtbot.waitUntil(lambda: bool(made.counts) and made.counts[-1] >= 1)
    made.session.open_path(copy_clip("clip.mp4"))
    assert not made.store.state.recording
    qtbot.waitUntil(lambda: bool(made.lines))


def test_a_disk_that_fails_is_told_and_ends_it(made, qtbot, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dfmamba_live.recording.recorder.frame_record", refuse)
    made.store.change(recording=True)
    qtbot.waitUntil(lambda: bool(made.lines))
    assert "No space left" in made.lines[0]
    assert not made.store.state.recording


def test_a_folder_that_cannot_be_made_is_told(made, monkeypatch):
    def refuse(*_):
        raise UserError("it cannot be made: read-only")

    monkeypatch.setattr(module, "Recorder", refuse)
    made.store.change(recording=True)
    assert made.lines == ["it cannot be made: read-only"]
    assert not made.store.state.recording


def test_snapshots_are_the_frame_with_its_hands_and_never_overwrite(made, qtbot, tmp_path):
    for count in (1, 2):
        made.take_snapshot()
        qtbot.waitUntil(lambda count=count: len(made.lines) == count)
    pictures, texts = sorted(tmp_path.glob("*.png")), sorted(tmp_path.glob("*.json"))
    assert len(pictures) == len(texts) == 2
    picture = cv2.imread(str(pictures[0]))
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert (picture != GREY).any()
    document = json.loads(texts[0].read_text())
    (frame,) = document["frames"]
    assert frame["hands"][0]["side"] == "right"
    assert document["model"] == MODEL


def test_a_snapshot_that_cannot_be_saved_is_told(made, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_place", lambda _: tmp_path / "none" / "shot")
    made.take_snapshot()
    qtbot.waitUntil(lambda: bool(made.lines))
    assert made.lines[0].startswith("the snapshot was not saved")


def test_without_a_picture_there_is_no_snapshot(made):
    made.session.latest = None
    made.take_snapshot()
    assert made.lines == ["there is no picture yet"]
