"""The whole program, with its real weights and detector, on its own clip."""

import json
import os
import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from dfmamba.camera import Intrinsics
from dfmamba_live.cli import main

ROOT = Path(__file__).parents[2]
CLIP = ROOT / "assets" / "demo.mp4"
FIRST = 130
"""From frame 120 on the clip shows two hands."""


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frames")
    with av.open(str(CLIP)) as clip:
        for index, frame in enumerate(islice(clip.decode(video=0), FIRST, FIRST + 4)):
            picture = cv2.cvtColor(frame.to_ndarray(format="rgb24"), cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(folder / f"{index:04d}.png"), picture)
    return folder


def test_both_hands_of_the_clip_are_found(frames, tmp_path):
    out = tmp_path / "hands.json"
    assert main(["--images", str(frames), "--headless", "--export", str(out)]) == 0
    export = json.loads(out.read_text())
    assert export["schema"] == 1
    assert [frame["file"] for frame in export["frames"]] == [f"{i:04d}.png" for i in range(4)]
    for frame in export["frames"]:
        hands = {hand["side"]: hand for hand in frame["hands"]}
        assert set(hands) == {"left", "right"}
        # Palms to the camera, arms from below: the person's right hand is at the picture's left.
        assert hands["right"]["joints_px"][0][0] < hands["left"]["joints_px"][0][0]
        for hand in hands.values():
            assert hand["score"] > 0.5
            check_geometry(hand, frame["width"], frame["height"])


def check_geometry(hand, width, height):
    joints_px, joints_mm = np.array(hand["joints_px"]), np.array(hand["joints_mm"])
    root = np.array(hand["root_mm"])
    assert (joints_mm[0] == 0).all()
    assert 100 < root[2] < 1500
    # The wrist lies below the middle finger's tip, in the picture and in space.
    assert joints_px[0, 1] > joints_px[12, 1]
    assert joints_mm[12, 1] < 0
    # The joints in space, seen by the assumed camera, lie where the picture shows them.
    seen = Intrinsics.assumed(width, height).project(joints_mm + root)
    size = np.ptp(joints_px, axis=0).max()
    assert np.linalg.norm(seen - joints_px, axis=1).mean() < 0.1 * size


@pytest.mark.skipif(not shutil.which("xvfb-run"), reason="needs xvfb-run")
def test_the_window_shows_the_clip(tmp_path):
    out = tmp_path / "window.png"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("QT_")}
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
    program = [sys.executable, "main.py", "--video", str(CLIP), "--screenshot", str(out)]
    run = subprocess.run(
        screen + program, cwd=ROOT, env=environment, capture_output=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    picture = cv2.imread(str(out))
    assert picture is not None
    assert picture.shape[0] > 600
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 5000


def test_a_display_that_is_not_there(capsys, monkeypatch):
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":4711")
    assert main(["--video", str(CLIP)]) == 2
    assert "--headless" in capsys.readouterr().err
