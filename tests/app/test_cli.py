import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from fake_parts import LOADED
from test_headless import FakeEstimator

from dfmamba.model import DFMambaConfig, HandNetwork, NetworkConfig
from dfmamba.weights import FULL_WEIGHTS, LIGHT_WEIGHTS, save_network
from dfmamba_live import cli, options
from dfmamba_live.sources import AS_IT_LIKES, DEMO, Camera, Mode

MAIN = Path(__file__).parents[2] / "main.py"
SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture(autouse=True)
def quiet_logging(monkeypatch):
    """The program's own handler would outlive the test's captured stderr."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (64, 48))
    for level in range(0, 200, 20):
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    return path


@pytest.fixture
def fake_estimator(monkeypatch):
    estimator = FakeEstimator()
    estimator.close = lambda: None
    monkeypatch.setattr(cli, "make_estimator", lambda *_: estimator)
    monkeypatch.setattr(cli, "open_weights", lambda _: LOADED)
    return estimator


@pytest.fixture
def fails(capsys):
    """A function that runs the program and returns its one line of complaint."""

    def run(*argv):
        assert cli.main([str(each) for each in argv]) == 2
        line = capsys.readouterr().err
        assert line.startswith("dfmamba: ")
        assert line.count("\n") == 1
        assert line.endswith("\n")
        return line

    return run


def launch(*argv, **environment):
    kept = {name: value for name, value in os.environ.items() if name not in SCREEN}
    return subprocess.run(
        [sys.executable, MAIN, *argv],
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_help_names_every_option(capsys):
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    for name in (
        "camera",
        "size",
        "rate",
        "video",
        "images",
        "headless",
        "export",
        "weights",
        "compare",
    ):
        assert f"--{name} " in text


@pytest.mark.parametrize(
    "argv", [["--bogus"], ["--camera", "front"], ["--device", "tpu"], ["--video"]]
)
def test_argument_errors(argv, capsys):
    assert cli.main(argv) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        ("--camera 0 --video a.mp4", "exclude each other"),
        ("--video a.mp4 --images b --headless", "exclude each other"),
        ("--camera -1 --headless", "cameras count from 0"),
        ("--fov 0 --headless", "--fov is 0"),
        ("--size 0 480 --headless", "--size is 0"),
        ("--rate -5 --headless", "--rate is -5"),
        ("--rate nan --headless", "--rate is nan"),
        ("--export a.json", "add --headless"),
        ("--camera 0 --compare a.safetensors", "give --video or --images"),
        ("--headless --compare a.safetensors", "give --video or --images"),
        ("--video a.mp4 --compare none", "there is no weights file none"),
        ("--screenshot a.png --headless", "leave out --headless"),
        ("--headless --export a.txt", "does not end in .json"),
        ("--headless --video a.mp4 --export ./a.mp4", "a.mp4 is read from"),
        ("--headless --images a.mp4 --export a.mp4", "a.mp4 is read from"),
        ("--images a.png --screenshot a.png", "a.png is read from"),
        ("--headless --export none/a.json", "there is no folder none"),
    ],
)
def test_options_that_cannot_work(fails, argv, complaint):
    assert complaint in fails(*argv.split())


def test_export_onto_a_folder(fails, tmp_path):
    (tmp_path / "a.json").mkdir()
    assert "cannot be written" in fails("--headless", "--export", tmp_path / "a.json")


@pytest.mark.parametrize(
    ("argv", "name"),
    [("--headless --video {0} --export", "recording.json"), ("--images {0} --screenshot", "0.png")],
)
def test_parts_of_a_source_are_not_overwritten(argv, name, fails, tmp_path):
    (tmp_path / name).write_text("precious")
    assert "is read from" in fails(*argv.format(tmp_path).split(), tmp_path / name)


def test_the_card_of_weights_is_not_overwritten(fails, tmp_path):
    card, link = tmp_path / "mine.json", tmp_path / "link.json"
    card.write_text("precious")
    link.symlink_to(card)
    weights = card.with_suffix(".safetensors")
    for out in (card, link):
        assert "card of weights" in fails("--headless", "--weights", weights, "--export", out)
    assert card.read_text() == "precious"


@pytest.mark.parametrize(
    "own", [LIGHT_WEIGHTS.with_suffix(".json"), FULL_WEIGHTS.with_suffix(".json"), DEMO]
)
def test_nothing_of_the_program_is_overwritten(own, fails, tmp_path):
    before = own.read_bytes()
    link = tmp_path / f"link{own.suffix}"
    link.symlink_to(own)
    for out in (own, link):
        assert "part of the program" in fails("--headless", "--export", out)
    assert own.read_bytes() == before


def test_the_source_is_not_overwritten_by_another_name(video, fails, tmp_path):
    link = tmp_path / "link.mp4"
    link.symlink_to(video)
    assert "is read from" in fails("--headless", "--video", video, "--export", link)


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        ("--video {0} --headless --export {1}", "loop.mp4"),
        ("--images {0} --headless --export {1}", "loop.png"),
        ("--weights {0} --headless --export {1}", "loop.safetensors"),
        ("--video {0}", "loop.mp4"),
    ],
)
def test_links_that_lead_in_a_circle(argv, name, fails, tmp_path):
    loop = tmp_path / name
    loop.symlink_to(loop)
    assert "there is no" in fails(*argv.format(loop, tmp_path / "out.json").split())


def test_export_into_a_locked_folder(fails, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    assert "cannot be written" in fails("--headless", "--export", tmp_path / "a.json")


def test_the_camera_is_asked_for_size_and_rate(monkeypatch):
    monkeypatch.setattr("dfmamba_live.sources.open_camera", lambda *given: given)
    argv = options.Options(camera=63, size=(1280, 720), rate=60)
    assert options.open_source(argv) == (Camera(63), Mode((1280, 720), 60))
    assert options.open_source(options.Options(camera=63)) == (Camera(63), AS_IT_LIKES)


def test_missing_camera(fails):
    assert "camera 63 cannot be opened" in fails("--headless", "--camera", 63)


def test_missing_video(fails, tmp_path):
    path = tmp_path / "none.mp4"
    assert f"there is no file or folder {path}" in fails("--headless", "--video", path)


@pytest.mark.parametrize("name", ["clip.mp4", "."])
def test_a_source_that_may_not_be_read(name, fails, video, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may read all
    assert "may not be read" in fails("--headless", "--video", video.parent / name)


def test_impossible_name(fails):
    assert "File name too long" in fails("--headless", "--video", "a" * 5000)


def test_broken_video(fails, tmp_path):
    path = tmp_path / "noise.mp4"
    path.write_bytes(np.random.default_rng(0).bytes(20_000))
    assert "no picture can be read" in fails("--headless", "--video", path)


def test_truncated_video(fails, video):
    video.write_bytes(video.read_bytes()[:-300])
    assert "no picture can be read" in fails("--headless", "--video", video)


def test_empty_folder(fails, tmp_path):
    assert "no picture can be read" in fails("--headless", "--images", tmp_path)


def test_missing_weights(fails, video, tmp_path):
    line = fails("--headless", "--video", video, "--weights", tmp_path / "none.safetensors")
    assert "there is no weights file" in line


def test_weights_that_are_none(fails, video):
    line = fails("--headless", "--video", video, "--weights", video)
    assert "damaged or not a safetensors file" in line


def test_weights_to_compare_with_are_looked_at_before_the_window_opens(fails, video):
    line = fails("--video", video, "--compare", video)
    assert "damaged or not a safetensors file" in line


def test_truncated_weights(fails, video, tmp_path):
    path = tmp_path / "hand.safetensors"
    small = DFMambaConfig(depths=(1, 1, 1, 1, 1, 1), widths=(8, 8, 8, 8, 8, 8))
    save_network(HandNetwork(NetworkConfig(backbone=small)), path)
    path.write_bytes(path.read_bytes()[:-100])
    assert "damaged" in fails("--headless", "--video", video, "--weights", path)


def test_no_display(fails, video, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in SCREEN:
        monkeypatch.delenv(name, raising=False)
    assert "--headless --export" in fails("--video", video)


def test_no_gpu(fails, video, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "no NVIDIA GPU" in fails("--headless", "--video", video, "--device", "cuda")


def test_program_without_display():
    run = launch()
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("dfmamba: there is no display")
    assert run.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_while_the_program_is_loaded(ctrl_c_at_tyro):
    run = launch("--help", PYTHONPATH=ctrl_c_at_tyro)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


def test_program_with_a_missing_camera():
    run = launch("--headless", "--camera", "63")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("dfmamba: camera 63 cannot be opened")
    assert run.stderr.count("\n") == 1


def test_headless_export(fake_estimator, video, tmp_path, capsys):
    out = tmp_path / "out.json"
    assert cli.main(["--headless", "--video", str(video), "--export", str(out)]) == 0
    document = json.loads(out.read_text())
    assert len(document["frames"]) == len(fake_estimator.calls) == 10
    assert document["model"] == LOADED.describe()
    assert document["source"]["frames"] == 10
    assert capsys.readouterr().out.startswith("10 frames, 5 with a hand (50.0%), ")


@pytest.mark.usefixtures("fake_estimator")
@pytest.mark.parametrize(
    ("name", "magic"), [("out.csv", b"frame,time_s"), ("out.NPZ", b"PK"), ("out.mp4", b"ftyp")]
)
def test_the_name_tells_the_format(name, magic, video, tmp_path):
    out = tmp_path / name
    assert cli.main(["--headless", "--video", str(video), "--export", str(out)]) == 0
    assert magic in out.read_bytes()[:12]


@pytest.mark.usefixtures("fake_estimator")
def test_headless_without_export_only_sums_up(video, tmp_path, capsys):
    assert cli.main(["--headless", "--video", str(video)]) == 0
    assert list(tmp_path.iterdir()) == [video]
    assert "10 frames" in capsys.readouterr().out


def test_ctrl_c_keeps_what_was_done(fake_estimator, video, tmp_path, monkeypatch):
    def estimate(self, *rest):
        if len(self.calls) == 3:
            raise KeyboardInterrupt
        return original(self, *rest)

    original = FakeEstimator.__call__
    monkeypatch.setattr(FakeEstimator, "__call__", estimate)
    out = tmp_path / "out.json"
    assert cli.main(["--headless", "--video", str(video), "--export", str(out)]) == 130
    assert len(json.loads(out.read_text())["frames"]) == 3


@pytest.mark.parametrize(
    ("wanted", "gpu", "device"),
    [("auto", False, "cpu"), ("auto", True, "cuda"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_device(wanted, gpu, device, monkeypatch, caplog):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr("dfmamba.weights.open_network", lambda *given: given)
    with caplog.at_level(logging.INFO):
        opened = options.open_weights(options.Options(device=wanted))
    weights = FULL_WEIGHTS if device == "cuda" else LIGHT_WEIGHTS
    assert opened == (weights, torch.device(device))
    assert ("no GPU found" in caplog.text) == (not gpu)
    assert ("more exact and slower" in caplog.text) == (weights == LIGHT_WEIGHTS)


@pytest.mark.parametrize(("given", "found"), [({}, "2000"), ({"GOMP_SPINCOUNT": "7"}, "7")])
def test_threads_that_wait_spin_briefly_or_as_the_user_says(given, found):
    env = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"} | given
    show = "print(os.environ['GOMP_SPINCOUNT'], 'torch' in sys.modules)"
    tell = f"import dfmamba_live.cli, os, sys; {show}"
    told = subprocess.run(
        [sys.executable, "-c", tell], env=env, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == [found, "False"]  # torch reads it when it is loaded


def test_the_estimator_runs_the_loaded_network_where_it_lies(monkeypatch):
    monkeypatch.setattr("dfmamba.pipeline.HandEstimator", lambda *given, **named: (*given, named))
    made = options.make_estimator(options.Options(fov=70.0, detector="mediapipe"), LOADED)
    wanted = {"detector": "mediapipe", "background": True, "fov_deg": 70.0}
    assert made == (LOADED.network, LOADED.device, wanted)


def test_only_a_window_without_a_gpu_takes_the_light_weights():
    cpu, other = torch.device("cpu"), Path("other.safetensors")
    for headless, weights, chosen in (
        (False, None, LIGHT_WEIGHTS),
        (True, None, FULL_WEIGHTS),
        (False, other, other),
    ):
        wanted = options.Options(headless=headless, weights=weights)
        assert options.chosen_weights(wanted, cpu) == chosen


def test_window_gets_options_source_and_estimator(fake_estimator, video, monkeypatch):
    seen = []

    class Desktop:
        @staticmethod
        def run(options, loaded, source, estimator):
            seen.append((options.fov, loaded, source.name, estimator))
            return 0

    monkeypatch.setitem(sys.modules, "dfmamba_live.desktop", Desktop)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert cli.main(["--video", str(video), "--fov", "70"]) == 0
    assert seen == [(70.0, LOADED, "clip.mp4", fake_estimator)]


def test_opencv_leaves_qt_alone():
    # Its wheel sets these on import; PySide6 would look for plugins there.
    show = "print([n for n in os.environ if 'cv2' in os.environ[n] and 'QT' in n])"
    code = f"import dfmamba_live, os; {show}"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=MAIN.parent, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_polite_kill_keeps_what_was_done(name, fake_estimator, video, tmp_path, monkeypatch):
    def estimate(self, *rest):
        if len(self.calls) == 3:
            signal.raise_signal(getattr(signal, name))
        return original(self, *rest)

    before = signal.getsignal(getattr(signal, name))
    original = FakeEstimator.__call__
    monkeypatch.setattr(FakeEstimator, "__call__", estimate)
    out = tmp_path / "out.csv"
    assert cli.main(["--headless", "--video", str(video), "--export", str(out)]) == 130
    assert len(out.read_text().splitlines()) == 1 + 3
    assert signal.getsignal(getattr(signal, name)) is before
