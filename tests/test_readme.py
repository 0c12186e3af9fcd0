"""The examples of the README, of the documentation and in examples/, run as they are."""

import csv
import re
import runpy
import shutil
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from dfmamba import cli, load_network
from dfmamba.images import read_picture, write_picture
from dfmamba.video import video_frames

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = [
    pytest.param(code, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, code in enumerate(
        re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    )
]
TWO_HANDS = 130
"""From frame 120 on the built-in clip shows two hands."""


@pytest.fixture
def folder(tmp_path, monkeypatch, hand_file):
    """Where the examples run, with the files that they name and a baked hand."""
    frames = islice(video_frames(ROOT / "assets" / "demo.mp4"), TWO_HANDS, TWO_HANDS + 3)
    pictures = [frame.image for frame in frames]
    write_picture(pictures[0], tmp_path / "hands.jpg")
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


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_examples_work_as_they_stand(code, folder, capsys):
    names = {}
    exec(code, names)
    printed = capsys.readouterr().out
    if "hand.side" in code:
        assert {"left", "right"} <= set(printed.split())
    if "save_network" in names:
        assert (folder / "mine.safetensors").is_file()
        assert names["found"].joints_px[:, 0].shape == names["batch"].joints_px.shape == (4, 21, 2)
        assert names["scans"][0].offsets.shape == (4, 100, 25, 2)


@pytest.fixture
def run(folder, monkeypatch):
    """Runs a script of examples/ as from a shell."""

    def script(name, *arguments):
        monkeypatch.setattr("sys.argv", [name, *arguments])
        runpy.run_path(str(ROOT / "examples" / name), run_name="__main__")

    return script


def test_a_picture_is_drawn(run, folder, capsys):
    run("picture.py", "hands.jpg", "drawn.png")
    before, after = (read_picture(folder / name) for name in ("hands.jpg", "drawn.png"))
    assert (np.abs(after.astype(int) - before).max(axis=-1) > 60).sum() > 1000
    printed = capsys.readouterr().out
    assert "left hand" in printed
    assert "right hand" in printed


def test_offsets_of_a_video_are_written(run, folder):
    run("offsets.py", "hands.mp4", "out.csv")
    head, *rows = csv.reader((folder / "out.csv").read_text().splitlines())
    assert len(head) == 2 + 7
    assert len(rows) == 3 * 2
    assert all(0 < float(value) < 10 for row in rows for value in row[2:])


def test_a_few_steps_of_training(run, folder, capsys):
    run("train_steps.py", "2", "small.safetensors")
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert load_network(folder / "small.safetensors").config.input_size == 64


def test_files_that_the_pages_name_are_there():
    for page in PAGES:
        for path in re.findall(r"`([\w.]+(?:/[\w.]+)+\.py)`", page.read_text("utf-8")):
            assert (ROOT / path).is_file(), f"{page.name}: {path}"


def test_commands_that_the_pages_name_are_there():
    for page in PAGES:
        for name in re.findall(r"-m dfmamba (\w+)", page.read_text("utf-8")):
            assert hasattr(cli, name), f"{page.name}: {name}"


def test_links_between_the_pages_lead_somewhere():
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
