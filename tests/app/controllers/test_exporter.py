import json
import os
import signal
from pathlib import Path
from time import perf_counter

import pytest
import torch
from fake_parts import FakeEstimator, FakeSource
from PySide6.QtCore import QProcess
from PySide6.QtWidgets import QFileDialog, QWidget

from dfmamba_live.controllers.exporter import Exporter
from dfmamba_live.play.session import Session

ECHO = "import json, sys; print('some line'); print(json.dumps(sys.argv[1:]))"
ENDLESS = "import time; print('on', flush=True); time.sleep(60)"


@pytest.fixture
def make(qtbot):
    made = []

    def build(path):
        source = FakeSource()
        source.path = path
        window = QWidget()
        qtbot.addWidget(window)
        estimator = FakeEstimator()
        estimator.settings = {"fov_deg": 70.0, "detector": "mediapipe"}
        exporter = Exporter(window, Session(source, estimator), torch.device("cpu"))
        exporter.lines = []
        exporter.told.connect(exporter.lines.append)
        made.append(exporter)
        return exporter

    yield build
    for each in made:
        each.close()


def test_the_file_is_exported_as_it_is_shown(make, qtbot, monkeypatch):
    monkeypatch.setattr("dfmamba_live.controllers.exporter.PROGRAM", ECHO)
    exporter = make(Path("clip.mp4"))
    exporter.weights = Path("w.safetensors")
    exporter.export(Path("out.csv"))
    qtbot.waitUntil(lambda: len(exporter.lines) == 2)
    start, end = exporter.lines
    assert start.startswith("writing out.csv")
    assert end.startswith("saved out.csv: ")
    assert json.loads(end.partition(": ")[2]) == [
        *("--headless", "--video", "clip.mp4", "--export", "out.csv"),
        *("--fov", "70", "--detector", "mediapipe", "--device", "cpu"),
        *("--weights", "w.safetensors"),
    ]


def test_what_the_program_complains_of_is_told(make, qtbot, tmp_path):
    exporter = make(tmp_path / "none.mp4")
    exporter.export(tmp_path / "out.txt")
    qtbot.waitUntil(lambda: len(exporter.lines) == 2, timeout=20_000)
    assert exporter.lines[1].startswith("dfmamba: ")
    assert "does not end in .json" in exporter.lines[1]


def test_an_export_that_is_killed_is_told(make, qtbot, monkeypatch):
    monkeypatch.setattr(
        "dfmamba_live.controllers.exporter.PROGRAM",
        "import os; print('1/9', flush=True); os.abort()",
    )
    exporter = make(Path("clip.mp4"))
    exporter.export(Path("out.csv"))
    qtbot.waitUntil(lambda: len(exporter.lines) == 2)
    assert exporter.lines[1].startswith("writing out.csv was cut short")


def test_one_export_at_a_time_and_none_holds_up_the_end(make, qtbot, monkeypatch):
    monkeypatch.setattr("dfmamba_live.controllers.exporter.PROGRAM", ENDLESS)
    exporter = make(Path("clip.mp4"))
    exporter.export(Path("one.csv"))
    exporter.export(Path("two.csv"))
    assert exporter.lines[1] == "one.csv is still being written; wait for it"
    exporter._process.waitForReadyRead(5000)
    begin = perf_counter()
    exporter.close()
    assert perf_counter() - begin < 1


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs POSIX signals")
def test_one_that_stands_still_is_ended_as_well(make, monkeypatch):
    monkeypatch.setattr("dfmamba_live.controllers.exporter.PROGRAM", ENDLESS)
    monkeypatch.setattr("dfmamba_live.controllers.exporter.STOP_MS", 100)
    exporter = make(Path("clip.mp4"))
    exporter.export(Path("one.csv"))
    exporter._process.waitForReadyRead(5000)
    os.kill(exporter._process.processId(), signal.SIGSTOP)
    exporter.close()
    assert exporter._process.state() == QProcess.ProcessState.NotRunning


def test_a_camera_cannot_be_exported(make):
    exporter = make(None)
    exporter.ask()
    exporter.export(Path("out.csv"))
    assert (
        exporter.lines == ["only files can be exported: record first, then open the recording"] * 2
    )


def test_it_asks_where_to(make, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("dfmamba_live.controllers.exporter.PROGRAM", ECHO)
    exporter = make(tmp_path / "clip.mp4")
    exporter.ask()
    dialog = exporter._window.findChild(QFileDialog)
    assert "*.npz" in dialog.nameFilters()[0]
    dialog.fileSelected.emit(str(tmp_path / "clip.npz"))
    dialog.reject()
    qtbot.waitUntil(lambda: len(exporter.lines) == 2)
    assert str(tmp_path / "clip.npz") in exporter.lines[1]
