"""The examples of the README, as they stand there."""

import re
import shutil
from itertools import islice
from pathlib import Path

import av
import cv2
import pytest

from dfmamba.video import video_frames

ROOT = Path(__file__).parents[1]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
TWO_HANDS = 130
"""From frame 120 on the built-in clip shows two hands."""


@pytest.fixture
def folder(tmp_path, monkeypatch, hand_file):
    """Where the examples run, with the files that they name and a baked hand."""
    frames = islice(video_frames(ROOT / "assets" / "demo.mp4"), TWO_HANDS, TWO_HANDS + 3)
    pictures = [frame.image for frame in frames]
    cv2.imwrite(str(tmp_path / "hands.jpg"), cv2.cvtColor(pictures[0], cv2.COLOR_RGB2BGR))
    with av.open(str(tmp_path / "hands.mp4"), "w") as video:
        stream = video.add_stream("libx264", rate=30)
        stream.height, stream.width = pictures[0].shape[:2]
        for picture in pictures:
            video.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        video.mux(stream.encode())
    shutil.copy(hand_file, tmp_path / "hand.npz")
    monkeypatch.setattr("dfmamba.synth.hand.hand_model.baked_hand", lambda: tmp_path / "hand.npz")
    monkeypatch.setattr("dfmamba.synth.pictures.baked_hand", lambda: tmp_path / "hand.npz")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("index", range(len(EXAMPLES)))
def test_the_examples_work_as_they_stand(index, folder, capsys):
    names = {}
    exec(EXAMPLES[index], names)
    told = capsys.readouterr().out
    if index == 0:
        assert {"left", "right"} <= set(told.split())
        assert len(told.splitlines()) == 2 + 3 * 2
    if "save_network" in names:
        assert (folder / "mine.safetensors").is_file()
        assert names["found"].joints_px[:, 0].shape == names["batch"].joints_px.shape == (4, 21, 2)
        assert names["scans"][0].offsets.shape == (4, 100, 25, 2)
