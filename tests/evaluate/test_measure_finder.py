import numpy as np
import pytest
import torch

from dfmamba.data.real_hands import MarkedHand, MarkedPicture
from dfmamba.errors import UserError
from dfmamba.evaluate import cli
from dfmamba.finder.frames import Frames
from dfmamba.finder.network import FinderConfig, FinderNetwork
from dfmamba.finder.weights import save_finder
from dfmamba.images import write_picture


@pytest.fixture
def weights(tmp_path):
    torch.manual_seed(0)
    path = tmp_path / "finder.safetensors"
    save_finder(FinderNetwork(FinderConfig((16, 16, 16, 16), (1, 1, 1, 1))), path)
    return path


class NoLandmarker:
    """In place of MediaPipe's: it sees nothing."""

    def __init__(self, most):
        pass

    def __enter__(self):
        return lambda _: []

    def __exit__(self, *exc):
        pass


def test_figures_of_made_and_of_real_pictures_are_printed(weights, tmp_path, monkeypatch, capsys):
    write_picture(np.zeros((60, 80, 3), np.uint8), tmp_path / "real" / "a.png")
    marked = MarkedHand(np.array([10.0, 10, 40, 40]), "left", "apart")
    picture = MarkedPicture("a.png", None, "choose", "a", None, (marked,))
    monkeypatch.setattr(cli, "marked_pictures", lambda _: (picture,))
    monkeypatch.setattr(cli, "Landmarker", NoLandmarker)
    monkeypatch.setattr(cli, "Scenes", lambda *_, **__: EmptyFrames())
    cli.measure_finder(weights, tmp_path, count=1)
    told = capsys.readouterr().out
    assert "MediaPipe" in told
    assert "found, apart" in told
    assert "made frames" in told


class EmptyFrames:
    """In place of scenes: one frame without hands."""

    def batch(self, count):
        none = torch.zeros(count, 8)
        two = torch.zeros(count, 8, 2)
        images = torch.zeros(count, 3, 64, 64)
        box = torch.zeros(count, 8, 4)
        return Frames(images, two, box, two, none, none, none, none)


def test_wrong_numbers_are_told(weights, tmp_path):
    with pytest.raises(UserError, match="count"):
        cli.measure_finder(weights, tmp_path, count=0)
