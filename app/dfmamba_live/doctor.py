"""`--doctor`: looks at everything the program needs and says what to do where something is missing.

Each check tries the real thing: it opens the camera, runs the network, draws a picture.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from time import perf_counter
from typing import TYPE_CHECKING, Literal

import numpy as np

from dfmamba.errors import UserError
from dfmamba_live.processes import search_path

if TYPE_CHECKING:
    from dfmamba_live.options import Options

PACKAGES = (
    *("dfmamba-live", "torch", "triton", "numpy", "opencv-contrib-python", "av", "mediapipe"),
    *("PySide6-Essentials", "open3d-cpu", "pyqtgraph"),
)
WINDOW_S = 60
"""How long a window may take to open: the first time, Qt and Open3D come slowly from disk."""


@dataclass(frozen=True)
class CheckResult:
    """One thing that was looked at."""

    level: Literal["ok", "warn", "fail"]
    """How bad it is."""
    what: str
    """What was looked at."""
    says: str
    """What was found."""
    todo: str = ""
    """What a person can do about it."""

    def __str__(self) -> str:
        """One line, or two."""
        line = f"{self.level:<6}{self.what:<11}{self.says}"
        return f"{line}\n{'':<17}-> {self.todo}" if self.todo else line


def run(options: "Options") -> int:
    """Look at everything, writing each finding as it comes; 0 where nothing is in the way.

    With `options.headless` a display is not asked for.
    """
    failed = set()
    for what, check in CHECKS.items():
        for finding in results(what, check, options):
            sys.stdout.write(f"{finding}\n")
            sys.stdout.flush()
            if finding.level == "fail":
                failed.add(finding.what)
    sys.stdout.write(f"\nThe program {_verdict(failed, options.headless)}.\n")
    return 1 if failed else 0


def _verdict(failed: set[str], headless: bool) -> str:
    if failed == {"display"}:
        return "can run with --headless here, and cannot open a window"
    how = "run without a window" if headless else "run"
    return f"can{'not' if failed else ''} {how} here"


def results(
    what: str, check: "Callable[[Options], Iterator[CheckResult]]", options: "Options"
) -> Iterator[CheckResult]:
    """What one check finds; an error in it is a result too. what: the check's name."""
    try:
        yield from check(options)
    except UserError as error:
        says, _, todo = str(error).partition("; ")
        yield CheckResult("fail", what, says, todo)
    except Exception as error:
        yield CheckResult(
            "fail", what, f"{type(error).__name__}: {error}", "install the program again"
        )


def _versions(options: "Options") -> Iterator[CheckResult]:  # noqa: ARG001
    found = ".".join(platform.python_version_tuple())
    fine = (3, 11) <= sys.version_info < (3, 13)
    todo = "" if fine else "the program is tested with Python 3.11 and 3.12"
    yield CheckResult("ok" if fine else "warn", "Python", f"{found} on {platform.platform()}", todo)
    known = {name: _version(name) for name in PACKAGES}
    told = ", ".join(f"{name} {number}" for name, number in known.items() if number)
    yield CheckResult("ok", "packages", told)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _gpu(options: "Options") -> Iterator[CheckResult]:
    import torch

    driver = _driver()
    if torch.cuda.is_available():
        about = torch.cuda.get_device_properties(0)
        memory = about.total_memory / 2**30
        says = f"{about.name}, {memory:.0f} GB, driver {driver}, CUDA {torch.version.cuda}"
        yield CheckResult("ok", "GPU", says)
    elif driver is None:
        level: Literal["warn", "fail"] = "fail" if options.device == "cuda" else "warn"
        yield CheckResult(level, "GPU", "none with a driver", "the processor does the work")
    else:
        says = f"driver {driver} is there, but torch {torch.__version__} cannot use it"
        todo = "install a torch made for CUDA, and a driver that is new enough for it"
        yield CheckResult("fail" if options.device == "cuda" else "warn", "GPU", says, todo)


def _driver() -> str | None:
    """The version of NVIDIA's driver."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout.split("\n")[0].strip() or None


def _triton(options: "Options") -> Iterator[CheckResult]:  # noqa: ARG001
    import torch

    number = _version("triton")
    if not torch.cuda.is_available():
        yield CheckResult("ok", "Triton", f"{number or 'missing'}; not needed without a GPU")
    elif number is None:
        yield CheckResult("fail", "Triton", "missing", "pip install triton")
    elif not any(shutil.which(name) for name in (os.environ.get("CC", "cc"), "gcc", "clang")):
        todo = "install a C compiler, as with: apt install gcc"
        yield CheckResult("fail", "Triton", f"{number} finds no C compiler for its kernels", todo)
    else:
        yield CheckResult("ok", "Triton", number)


def _weights(options: "Options") -> Iterator[CheckResult]:
    from dfmamba.weights import FULL_WEIGHTS, LIGHT_WEIGHTS, open_network

    built_in = FULL_WEIGHTS, LIGHT_WEIGHTS
    for path in built_in if options.weights is None else (options.weights,):
        loaded = open_network(path)  # checks the built-in ones against their card
        yield CheckResult("ok", "weights", f"{path}, SHA-256 {loaded.sha256}")


def _network(options: "Options") -> Iterator[CheckResult]:
    from dfmamba.camera import Crop
    from dfmamba.device import open_device
    from dfmamba.pipeline.reader import HandReader
    from dfmamba.weights import open_network
    from dfmamba_live.options import chosen_weights

    device = open_device(options.device)
    loaded = open_network(chosen_weights(options, device), device)
    reader = HandReader(loaded.network, device)
    picture, crop = np.full((480, 640, 3), 96, np.uint8), Crop(320, 240, 200)
    took_ms = []
    for _ in range(5):  # the first time, kernels are compiled
        start = perf_counter()
        (((reading, *_),), _) = reader(picture, [crop])
        took_ms.append(1000 * (perf_counter() - start))
    if not np.isfinite(reading.joints).all():
        todo = "update the driver, or give --device cpu"
        yield CheckResult("fail", "network", f"gives no numbers on {device}", todo)
    else:
        yield CheckResult(
            "ok",
            "network",
            f"{loaded.path.name}: {min(took_ms):.1f} ms a hand on {device}",
        )


def _detector(options: "Options") -> Iterator[CheckResult]:
    from dfmamba.device import open_device
    from dfmamba.engine import DeviceFrames
    from dfmamba.pipeline.detectors import open_detector

    picture, took_ms = np.full((240, 320, 3), 96, np.uint8), []
    frames = DeviceFrames.on(open_device(options.device))
    detector = open_detector(options.detector, frames=frames)
    try:
        for _ in range(5):  # the first time, kernels are compiled
            start = perf_counter()
            detector(picture)
            took_ms.append(1000 * (perf_counter() - start))
    finally:
        detector.close()
    names = {"finder": "finder", "mediapipe": f"MediaPipe {_version('mediapipe')}"}
    says = f"{names[options.detector]}: {min(took_ms):.1f} ms a look"
    yield CheckResult("ok", "detector", says)


def _window(options: "Options") -> Iterator[CheckResult]:
    if options.headless:
        return
    from dfmamba_live.display import has_display

    if not find_spec("PySide6"):
        todo = "pip install 'dfmamba-live[app]', or run with --headless"
        yield CheckResult("fail", "display", "the window's packages are not installed", todo)
        return
    if not has_display():
        todo = "log in at a desktop, or run with --headless"
        yield CheckResult("fail", "display", "none to open a window on", todo)
        return
    # Drivers of screens and GPUs can take the whole process down.
    environment = os.environ | {"PYTHONPATH": search_path()}
    command = [sys.executable, "-c", "from dfmamba_live.doctor import tell_window; tell_window()"]
    try:
        told = subprocess.run(
            command, capture_output=True, text=True, timeout=WINDOW_S, env=environment, check=True
        )
        about = json.loads(told.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        yield CheckResult(
            "fail", "display", f"no window after {WINDOW_S} s", "update the GPU's driver"
        )
        return
    except (subprocess.CalledProcessError, IndexError, ValueError) as error:
        reason = getattr(error, "stderr", "") or "it ended without a word"
        todo = "install what Qt needs: libxcb-cursor0 libxkbcommon-x11-0 libegl1 libgl1"
        yield CheckResult("fail", "display", f"no window opens: {reason.strip()[-400:]}", todo)
        return
    yield CheckResult("ok", "display", about["display"])
    if about["opengl"]:
        yield CheckResult("ok", "OpenGL", about["opengl"])
    else:
        yield CheckResult(
            "warn", "OpenGL", "none", "install the driver of your GPU, or libgl1 libegl1"
        )
    fine = about["renderer"] == "Open3D"
    todo = "" if fine else "install open3d and the libraries of OpenGL for the better one"
    yield CheckResult("ok" if fine else "warn", "3D view", f"drawn by {about['renderer']}", todo)


def tell_window() -> None:
    """Open what the window needs and write a line of JSON about it, in a process of its own."""
    from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
    from PySide6.QtWidgets import QApplication

    from dfmamba_live.views.scene.drawer import working_renderer

    application = QApplication(["dfmamba"])
    screen = QGuiApplication.primaryScreen()
    size = screen.size()
    display = f"{application.platformName()}, {size.width()} x {size.height()}"
    surface, context, opengl = QOffscreenSurface(), QOpenGLContext(), ""
    surface.create()
    if context.create() and context.makeCurrent(surface):
        functions = context.functions()
        opengl = ", ".join(str(functions.glGetString(each)) for each in (0x1F01, 0x1F02))
        context.doneCurrent()
    about = {"display": display, "opengl": opengl, "renderer": working_renderer()}
    sys.stdout.write(json.dumps(about) + "\n")


def _cameras(options: "Options") -> Iterator[CheckResult]:
    from dfmamba_live.sources import AS_IT_LIKES, cameras, open_device

    found = cameras()
    if options.camera is not None and options.camera not in [each.index for each in found]:
        todo = "plug it in, or choose another one"
        yield CheckResult("fail", "camera", f"there is no camera {options.camera}", todo)
    if not found:
        todo = "plug one in; videos and pictures work without"
        yield CheckResult("warn", "camera", "none", todo)
    for camera in found:
        try:
            source = open_device(camera, AS_IT_LIKES, True)
        except UserError as error:
            says, _, todo = str(error).partition("; ")
            wanted = options.camera == camera.index
            yield CheckResult("fail" if wanted else "warn", "camera", says, todo)
            continue
        frame = source.read()
        source.close()
        if frame is not None:
            height, width = frame.image.shape[:2]
            says = f"{camera}: {width} x {height}, {source.rate:g} fps"
            yield CheckResult("ok", "camera", says)


def _video(options: "Options") -> Iterator[CheckResult]:  # noqa: ARG001
    import av

    missing = [name for name in ("libx264", "mjpeg") if name not in av.codecs_available]
    if missing:
        todo = "pip install --force-reinstall av"
        yield CheckResult("warn", "video", f"no encoder {', '.join(missing)}", todo)
    else:
        yield CheckResult("ok", "video", f"PyAV {_version('av')} reads, records and exports")


CHECKS: dict[str, "Callable[[Options], Iterator[CheckResult]]"] = {
    "versions": _versions,
    "GPU": _gpu,
    "Triton": _triton,
    "weights": _weights,
    "network": _network,
    "detector": _detector,
    "display": _window,
    "camera": _cameras,
    "video": _video,
}
