import cv2
import pytest
import torch

from dfmamba.finder import cli
from dfmamba.finder.network import FinderConfig, FinderNetwork
from dfmamba.finder.weights import save_finder


@pytest.fixture
def weights(tmp_path):
    torch.manual_seed(0)
    path = tmp_path / "finder.safetensors"
    save_finder(FinderNetwork(FinderConfig((16, 16, 16, 16), (1, 1, 1, 1))), path)
    return path


@pytest.fixture
def hand(monkeypatch, arrays, tmp_path):
    """A baked hand in an otherwise empty cache."""
    monkeypatch.setattr("dfmamba.synth.hand.hand_model.cache_folder", lambda: tmp_path / "cache")
    arrays.save(tmp_path / "cache" / "hand.npz")


@pytest.mark.usefixtures("hand")
def test_a_sheet_shows_made_frames_and_what_is_found_in_them(weights, tmp_path):
    cli.scenes(tmp_path / "sheet.png", count=2, finder=weights)
    assert cv2.imread(str(tmp_path / "sheet.png")).shape == (320, 640, 3)
