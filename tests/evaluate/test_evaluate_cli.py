import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from depth_hand import a_hand
from labelled_photograph import label_one

from dfmamba.data.real_hands import marked_pictures
from dfmamba.errors import UserError
from dfmamba.evaluate import cli, measurements
from dfmamba.images import write_picture
from dfmamba.model import DFMambaConfig, HandNetwork, HeatmapConfig, NetworkConfig
from dfmamba.weights import save_network

TINY = DFMambaConfig(
    stem_width=8, depths=(1, 1, 1, 1, 1, 1), widths=(8, 16, 32, 32, 64, 64), d_state=4
)


class Noise:
    """Stands in for the renderer."""

    def __init__(self, config, _data, device, _seed):
        assert config.held_out
        self.size, self.device = config.size, device

    def batch(self, count):
        return SimpleNamespace(
            images=torch.rand(count, 3, self.size, self.size, device=self.device),
            joints_px=torch.rand(count, 21, 2) * self.size,
            joints_mm=torch.randn(count, 21, 3) * 50,
            visible=torch.ones(count, 21, dtype=torch.bool),
            family=torch.zeros(count, dtype=torch.long),
            tone=torch.rand(count),
        )


@pytest.fixture
def weights(tmp_path, monkeypatch):
    monkeypatch.setattr(measurements, "TrainingPictures", Noise)
    path = tmp_path / "tiny.safetensors"
    save_network(HandNetwork(NetworkConfig(TINY, HeatmapConfig(16), 64)), path)
    return path


@pytest.fixture
def data(tmp_path):
    """A data folder with one labelled photograph in real/photos; labels in labels/."""
    label_one(tmp_path / "data" / "real" / "photos", tmp_path / "labels" / "photos.npz")
    return tmp_path / "data"


def test_a_report_and_sheets_are_written(weights, data, tmp_path, capsys):
    out = tmp_path / "out"
    cli.evaluate(weights, data, tmp_path / "labels", count=3, out=out, device="cpu")
    report = json.loads((out / "report.json").read_text())
    assert report["synthetic"]["soft"]["pictures"] == 3
    assert report["synthetic"]["peak"]["mpjpe_mm"] > 0
    assert report["real"]["photos"]["hands"] == report["heads"]["photos"]["hands"] == 1
    assert len(report["weights"]["sha256"]) == 64
    assert report["versions"]["torch"] == torch.__version__
    assert "not the truth" in report["real_note"]
    assert report["space"]["photos"]["pa_mm"] <= report["space"]["photos"]["best_scaled_mm"]
    assert report["space"]["photos"]["teacher_palm_width"]["median"] > 0
    assert "23 mm off" in report["space_note"]
    assert report["reliability"]["photos"]["error"] <= 1
    assert report["groups"]["pose"]["open"]["hands"] == 3
    assert {path.name for path in out.glob("*.png")} == {
        "photos_sheet.png",
        "photos_space.png",
        "photos_worst.png",
        "reliability.png",
        "synthetic_sheet.png",
        "synthetic_worst.png",
    }
    page = (out / "report.html").read_text()
    assert "PA-MPJPE" in page
    assert "photos_worst.png" in page
    assert "photos_space.png" in page
    assert "Photographs in 3D" in page
    shown = capsys.readouterr().out
    assert "PA-MPJPE" in shown
    assert "photos" in shown
    assert "Photographs in 3D" in shown
    assert "3 synthetic pictures" in shown
    assert "100%" in shown


def test_hands_of_a_depth_camera_are_measured_beside_mediapipe(
    weights, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(measurements, "depth_hands", lambda _folder: [a_hand(), a_hand("left")])
    (tmp_path / "data" / "real" / "depth").mkdir(parents=True)
    out = tmp_path / "out"
    report = cli.evaluate(weights, tmp_path / "data", count=2, out=out, device="cpu")
    assert report.skin["network"].hands == report.skin["MediaPipe"].hands == 2
    assert report.skin["network"].pa_mm > report.skin["MediaPipe"].pa_mm
    assert json.loads((out / "report.json").read_text())["skin"]["MediaPipe"]["hands"] == 2
    assert (out / "depth_sheet.png").is_file()
    assert "joints to skin" in capsys.readouterr().out


def test_marked_pictures_are_looked_at_by_us_and_by_mediapipe(weights, tmp_path, capsys):
    shown = [each for each in marked_pictures("figure") if each.file == "letters/X18.jpg"]
    empty = [each for each in shown if not each.hands]  # its other part shows one
    picture = np.full((400, 400, 3), 96, np.uint8)
    write_picture(picture, tmp_path / "data" / "real" / "letters" / "X18.jpg")
    report = cli.evaluate(weights, tmp_path / "data", count=2, out=tmp_path / "out", device="cpu")
    assert set(report.found) == {"network", "MediaPipe"}
    for found in report.found.values():
        assert found.pictures_without == len(empty) > 0
        assert found.ghost_pictures == 0
    assert "Real hands marked by eye" in capsys.readouterr().out


def test_a_depth_camera_without_hands_is_no_reason_to_stop(weights, tmp_path, monkeypatch):
    monkeypatch.setattr(measurements, "depth_hands", lambda _folder: [])
    (tmp_path / "data" / "real" / "depth").mkdir(parents=True)
    report = cli.evaluate(weights, tmp_path / "data", count=2, out=tmp_path / "out", device="cpu")
    assert report.skin == {}


def test_without_data_there_are_no_photographs(weights, tmp_path):
    report = cli.evaluate(weights, count=2, out=tmp_path / "out", device="cpu")
    assert report.real == {}
    assert json.loads((tmp_path / "out" / "report.json").read_text())["real"] == {}


def test_a_count_of_none_is_refused(weights):
    with pytest.raises(UserError, match="--count"):
        cli.evaluate(weights, count=0)


def test_an_output_in_the_way_is_told_before_any_work(weights, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(FileExistsError):
        cli.evaluate(tmp_path / "none", out=tmp_path / "out")


def test_absurd_numbers_are_refused(tmp_path):
    path = tmp_path / "a"
    with pytest.raises(UserError, match="--rows is 0"):
        cli.beside((path,), path, rows=0)
    with pytest.raises(UserError, match="--packs is 0"):
        cli.beside((), path)
