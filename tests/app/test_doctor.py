from types import SimpleNamespace

import pytest
import torch

from dfmamba_live import doctor
from dfmamba_live.cli import main
from dfmamba_live.options import Options
from dfmamba_live.sources import Camera
from dfmamba_live.sources.simulated import Simulated


def findings(check, **options):
    return list(doctor.results("this", check, Options(**options)))


def lines(text, level):
    return [line for line in text.splitlines() if line.startswith(level)]


@pytest.fixture
def only(monkeypatch):
    """A function that leaves the doctor these checks alone."""
    return lambda **checks: monkeypatch.setattr(doctor, "CHECKS", checks)


def test_broken_weights_are_told_and_the_rest_is_looked_at(tmp_path, capsys):
    path = tmp_path / "none.safetensors"
    assert main(["--doctor", "--headless", "--weights", str(path)]) == 1
    told = capsys.readouterr().out
    assert f"there is no weights file {path}" in lines(told, "fail")[0]
    assert "-> check its name" in told
    assert "ok    Python     3." in told
    assert "MediaPipe 0.10.21" in told
    assert "PyAV" in told
    assert told.endswith("The program cannot run without a window here.\n")
    assert "Traceback" not in told


def test_warnings_are_no_failures(only, capsys):
    only(a=lambda _: [doctor.CheckResult("warn", "camera", "none", "plug one in")])
    assert main(["--doctor"]) == 0
    assert capsys.readouterr().out == (
        "warn  camera     none\n                 -> plug one in\n\nThe program can run here.\n"
    )


def test_where_only_the_display_is_missing_the_rest_can_run(only, capsys):
    only(display=lambda _: [doctor.CheckResult("fail", "display", "none", "log in")])
    assert main(["--doctor"]) == 1
    told = capsys.readouterr().out
    assert told.endswith("can run with --headless here, and cannot open a window.\n")


def test_a_check_that_fails_by_itself_is_told(only, capsys):
    def broken(_):
        raise ImportError("no module named triton")

    only(Triton=broken, other=lambda _: [doctor.CheckResult("ok", "other", "fine")])
    assert main(["--doctor"]) == 1
    told = capsys.readouterr().out
    assert "fail  Triton     ImportError: no module named triton" in told
    assert "ok    other" in told


def test_a_working_network_is_timed():
    (found,) = findings(doctor.CHECKS["network"], device="cpu")
    assert found.level == "ok"
    assert "ms a hand on cpu" in found.says


def test_a_gpu_is_named_and_its_kernels_need_a_compiler(monkeypatch):
    about = SimpleNamespace(name="NVIDIA X1", total_memory=80 * 2**30)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: about)
    monkeypatch.setattr(doctor, "_driver", lambda: "570.1")
    monkeypatch.setattr(doctor, "_version", lambda _: "3.7.1")
    (found,) = findings(doctor.CHECKS["GPU"])
    assert found.level == "ok"
    assert found.says.startswith("NVIDIA X1, 80 GB, driver 570.1, CUDA")
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    (found,) = findings(doctor.CHECKS["Triton"])
    assert (found.level, found.says) == ("fail", "3.7.1 finds no C compiler for its kernels")
    monkeypatch.setattr(doctor.shutil, "which", lambda _: "/usr/bin/cc")
    (found,) = findings(doctor.CHECKS["Triton"])
    assert found.level == "ok"


@pytest.mark.parametrize("driver", [None, "570.1"])
def test_a_gpu_that_cannot_be_used(driver, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(doctor, "_driver", lambda: driver)
    (found,) = findings(doctor.CHECKS["GPU"])
    assert (found.level, bool(found.todo)) == ("warn", True)
    assert ("570.1" in found.says) == bool(driver)
    (found,) = findings(doctor.CHECKS["GPU"], device="cuda")
    assert found.level == "fail"


def test_a_screen_is_asked_for_where_a_window_is_wanted(monkeypatch):
    monkeypatch.setattr("dfmamba_live.display.has_display", lambda: False)
    (found,) = findings(doctor.CHECKS["display"])
    assert (found.level, found.what) == ("fail", "display")
    assert findings(doctor.CHECKS["display"], headless=True) == []


def test_a_driver_that_takes_its_process_down(monkeypatch):
    monkeypatch.setattr(doctor.sys, "executable", "false")
    (found,) = findings(doctor.CHECKS["display"])
    assert (found.level, found.says) == ("fail", "no window opens: it ended without a word")
    assert "libxcb-cursor0" in found.todo


def test_the_window_tells_of_display_and_renderer():
    found = {each.what: each for each in findings(doctor.CHECKS["display"])}
    assert found["display"].says.startswith("offscreen, ")
    assert "drawn by" in found["3D view"].says


def test_cameras_are_opened(monkeypatch):
    monkeypatch.setattr("dfmamba_live.sources.cameras", lambda: [Camera(0, "Stick")])
    monkeypatch.setattr("dfmamba_live.sources.open_device", lambda *_: Simulated(64, 48))
    (found,) = findings(doctor.CHECKS["camera"])
    assert (found.level, found.says) == ("ok", "Stick (camera 0): 64 x 48, 30 fps")


@pytest.mark.parametrize(("wanted", "level"), [(None, "warn"), (63, "fail")])
def test_a_camera_that_does_not_open(wanted, level, monkeypatch):
    monkeypatch.setattr("dfmamba_live.sources.cameras", lambda: [Camera(63)])
    (found,) = findings(doctor.CHECKS["camera"], camera=wanted)
    assert (found.level, found.says) == (level, "camera 63 cannot be opened")
    assert "plugged in" in found.todo


def test_a_wanted_camera_that_is_not_there(monkeypatch):
    monkeypatch.setattr("dfmamba_live.sources.cameras", lambda: [])
    found = findings(doctor.CHECKS["camera"], camera=63)[0]
    assert (found.level, found.says) == ("fail", "there is no camera 63")


def test_no_camera(monkeypatch):
    monkeypatch.setattr("dfmamba_live.sources.cameras", lambda: [])
    (found,) = findings(doctor.CHECKS["camera"])
    assert (found.level, found.says) == ("warn", "none")
