import json
from pathlib import Path

import pytest
import torch
from made import made, read

from dfmamba.errors import UserError
from dfmamba.temporal import cli
from dfmamba.temporal.motion import AWAY, Motion
from dfmamba.temporal.record import Recording
from dfmamba.temporal.sweep import Setting
from dfmamba.weights import LoadedNetwork


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """The command on readings that are made up; answers what it wrote."""
    motion = made()
    leaving = Recording((), (2,) * (AWAY + 3) + (0,) * (AWAY - 3) + (0, 1) + (2,) * (AWAY - 2))
    recordings = [read(motion.at_rest(60)), read(motion, seed=1), leaving, read(motion, seed=2)]
    loaded = LoadedNetwork(None, Path("w.safetensors"), "0" * 64, torch.device("cpu"))
    monkeypatch.setattr(cli, "open_network", lambda *_: loaded)
    monkeypatch.setattr(cli, "made_motion", lambda: motion)
    monkeypatch.setattr(Motion, "leaving", lambda self: self.frames)
    monkeypatch.setattr(cli, "video_frames", lambda _: iter(()))
    monkeypatch.setattr(cli, "record", lambda *_: recordings.pop(0))
    monkeypatch.setattr(cli, "settings", lambda: [cli.IN_USE, Setting(1.0, 6.0)])
    return tmp_path / "out"


def test_a_report_and_a_plot_are_written(measured, tmp_path, capsys):
    cli.temporal((tmp_path / "hands.mp4",), out=measured, device="cpu")
    report = json.loads((measured / "report.json").read_text())
    assert [each["setting"] for each in report["tried"]] == [None, list(cli.IN_USE), [1.0, 6.0]]
    assert (report["lost_after"], report["found_after"]) == (3, 2)
    assert report["clips"]["hands.mp4"] == {
        "frames": 60,
        "hands": 2,
        "shown": 1.0,
        "flips": 0,
        "gaps": 0,
    }
    assert (measured / "jitter_lag.png").stat().st_size > 1000
    told = capsys.readouterr().out
    assert "Smoothing of made hands" in told
    assert "Smoothing of real hands" in told
    assert "PA-MPJPE" in told
    assert "hands.mp4" in told


def test_a_network_that_sees_no_hands_is_told(measured, monkeypatch):
    monkeypatch.setattr(cli, "record", lambda *_: Recording((), (0,) * 60))
    with pytest.raises(UserError, match="loses the made hands"):
        cli.temporal(out=measured, device="cpu")


def test_a_video_that_cannot_be_read_is_told_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "made_motion", lambda: pytest.fail("work was done"))
    path = tmp_path / "text.mp4"
    path.write_text("no video")
    for bad in (path, tmp_path / "none.mp4"):
        with pytest.raises(UserError, match=rf"{bad.name} cannot be read|no file .*{bad.name}"):
            cli.temporal((bad,), out=tmp_path / "out", device="cpu")
