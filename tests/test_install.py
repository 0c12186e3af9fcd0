"""The wheel, by itself in a folder, does what the checkout does."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from itertools import islice
from pathlib import Path

import cv2
import pytest

import dfmamba
from dfmamba.images import write_picture
from dfmamba.video import video_frames

ROOT = Path(__file__).parents[1]
TWO_HANDS = 130
"""From frame 120 on the built-in clip shows two hands."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder)]
    _pip("wheel", *options, str(ROOT))
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Runs a command of the wheel, installed without its dependencies, in a folder elsewhere."""
    target, elsewhere = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("elsewhere")
    _pip("install", "--no-deps", "--no-index", "--target", str(target), str(wheel))
    # Before the checkout, which an editable install puts at the end of the search path.
    environment = os.environ | {"PYTHONPATH": str(target), "XDG_CONFIG_HOME": str(elsewhere)}

    def run(*command):
        ran = subprocess.run(
            command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr[-2000:]
        return ran.stdout

    run.target, run.folder = target, elsewhere
    return run


def _pip(*arguments):
    subprocess.run(
        [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", *arguments], check=True
    )


def test_the_wheel_holds_two_packages_with_their_types_and_files(wheel):
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
        (about,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = file.read(about).decode()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"dfmamba", "dfmamba_live"}
    assert {"dfmamba/py.typed", "dfmamba_live/py.typed"} <= names
    assert f"\nVersion: {dfmamba.__version__}\n" in metadata
    needed = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    library = " ".join(line for line in needed if "extra ==" not in line).lower()
    assert "torch" in library
    assert not any(name in library for name in ("pyside6", "pyqtgraph", "open3d", "mediapipe"))


@pytest.mark.parametrize("name", dfmamba.__all__)
def test_public_names_are_there(name):
    assert getattr(dfmamba, name).__name__ == name


def test_other_names_are_not():
    assert not hasattr(dfmamba, "Hand")


def test_the_library_loads_its_weights(installed):
    code = (
        "import sys, dfmamba; assert 'torch' not in sys.modules\n"
        "dfmamba.load_network(); print(dfmamba.__file__)"
    )
    assert installed(sys.executable, "-c", code).strip() == str(
        installed.target / "dfmamba" / "__init__.py"
    )
    assert "evaluate" in installed(sys.executable, "-m", "dfmamba", "--help")


def test_the_program_estimates_a_picture(installed, tmp_path):
    frames = islice(video_frames(ROOT / "assets" / "demo.mp4"), TWO_HANDS, None)
    write_picture(next(frames).image, tmp_path / "hands.png")
    light = installed.target / "dfmamba" / "built_in" / "light.safetensors"
    program = [installed.target / "bin" / "dfmamba-live", "--images", tmp_path, "--headless"]
    installed(*program, "--weights", light, "--export", tmp_path / "hands.json")
    (frame,) = json.loads((tmp_path / "hands.json").read_text())["frames"]
    assert {hand["side"] for hand in frame["hands"]} == {"left", "right"}


@pytest.mark.skipif(not shutil.which("xvfb-run"), reason="needs xvfb-run")
def test_the_window_opens_on_the_clip_that_came_along(installed):
    clip = installed.target / "dfmamba_live" / "assets" / "demo.mp4"
    out = installed.folder / "window.png"
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", "env", "-u", "QT_QPA_PLATFORM"]
    program = [sys.executable, "-m", "dfmamba_live", "--video", clip, "--screenshot", out]
    installed(*screen, *program)
    assert cv2.imread(str(out)).shape[0] > 600
