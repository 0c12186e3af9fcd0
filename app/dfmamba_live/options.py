"""What a run is asked for: the options, what checks them, and what opens what they name."""

import logging
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from dfmamba.camera import ASSUMED_FOV_DEG
from dfmamba.errors import UserError, check_above_zero
from dfmamba.files import real_path
from dfmamba_live.display import has_display

if TYPE_CHECKING:
    import torch

    from dfmamba.pipeline import HandEstimator
    from dfmamba.weights import LoadedNetwork
    from dfmamba_live.sources import Source

log = logging.getLogger(__name__)


def _option(metavar: str | None = None) -> object:
    # What an option does when it is left out, its text says where it matters.
    return tyro.conf.arg(metavar=metavar, help_behavior_hint="")


@dataclass(frozen=True)
class Options:
    """Live 3D hand pose from a camera, a video, a folder of pictures or a recording.

    Without a source: the camera of last time, else the first one, else the built-in clip.

    - dfmamba-live --camera 0
    - dfmamba-live --video hands.mp4
    - dfmamba-live --video hands.mp4 --headless --export hands.csv
    """

    camera: Annotated[int | None, _option("N")] = None
    """Number of the camera, from 0; --doctor lists them."""
    size: Annotated[tuple[int, int] | None, _option("W H")] = None
    """Resolution to ask the camera for, as 1280 720; it gives what comes nearest."""
    rate: Annotated[float | None, _option("FPS")] = None
    """Frames a second to ask the camera for."""
    video: Annotated[Path | None, _option("FILE")] = None
    """A video file, or a recording."""
    images: Annotated[Path | None, _option("FOLDER")] = None
    """A folder of pictures; each is taken by itself, in the order of the numbers in their names."""
    headless: Annotated[bool, _option()] = False
    """No window: go through the source once, with a progress bar."""
    export: Annotated[Path | None, _option("FILE")] = None
    """With --headless: write all hands to .json, .csv, .npz or .rrd, or draw them into .mp4."""
    weights: Annotated[Path | None, _option("FILE")] = None
    """Weights to use (.safetensors). The built-in ones are full, and light in a window without a
    GPU: about six times as fast there."""
    compare: Annotated[Path | None, _option("FILE")] = None
    """Weights to compare with, on a video or folder in the window: their hands as a ghost."""
    device: Annotated[Literal["auto", "cpu", "cuda"], _option()] = "auto"
    """Where the network runs; auto, the usual: on the GPU if there is one."""
    detector: Annotated[Literal["finder", "mediapipe"], _option()] = "mediapipe"
    """What finds the hands: the finder, in every frame, or MediaPipe, about twice a second."""
    fov: Annotated[float, _option("DEG")] = ASSUMED_FOV_DEG
    """Field of view across the camera's longer side, usually 60; millimetres depend on it."""
    screenshot: Annotated[Path | None, _option("FILE")] = None
    """Open the window, save a picture of it (.png) or ten seconds of it (.webp), and leave."""
    doctor: Annotated[bool, _option()] = False
    """Tell what is missing here and what to do about it; the exit code is 0 if nothing is."""


def check(options: Options) -> None:
    """Find what cannot work before anything is opened.

    Raises:
        UserError: options that contradict each other, or an output that cannot be written.
    """
    named = [each for each in ("camera", "video", "images") if getattr(options, each) is not None]
    if len(named) > 1:
        raise UserError(f"--{named[0]} and --{named[1]} exclude each other; give one source")
    if options.camera is not None and options.camera < 0:
        raise UserError(f"there is no camera {options.camera}; cameras count from 0")
    if options.size is not None:
        check_above_zero(size=min(options.size))
    if options.rate is not None:
        check_above_zero(rate=options.rate)
    if not 1 <= options.fov <= 170:
        raise UserError(f"--fov is {options.fov:g}; give 1 to 170 degrees")
    if options.export and not options.headless:
        raise UserError("--export works without a window only; add --headless")
    if options.compare and (options.headless or options.camera is not None):
        raise UserError("--compare goes through a file in the window; give --video or --images")
    if options.screenshot and options.headless:
        raise UserError("--screenshot needs the window; leave out --headless")
    if options.export:
        from dfmamba_live.recording import FORMATS

        _check_output(options.export, options, *FORMATS)
    if options.screenshot:
        _check_output(options.screenshot, options, ".png", ".webp")
    if not options.headless and not find_spec("PySide6"):
        raise UserError("the window is not installed; run pip install 'dfmamba-live[app]'")
    if not options.headless and not has_display():
        raise UserError("there is no display to open a window on; add --headless --export OUT.json")
    if options.compare:
        from dfmamba.weights import load_network

        load_network(options.compare)


def _check_output(path: Path, options: Options, *suffixes: str) -> None:
    # The suffix is asked for so that a slip never overwrites a video or weights.
    if path.suffix.lower() not in suffixes:
        raise UserError(f"{path} does not end in {' or '.join(suffixes)}; give a name that does")
    if not path.parent.is_dir():
        raise UserError(f"there is no folder {path.parent} for {path.name}; make it first")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise UserError(f"{path} cannot be written; choose another place")
    source = options.video or options.images
    if source and _belongs(path, source):
        raise UserError(f"{path} is read from and would be overwritten; choose another name")
    if not path.exists():
        return
    if any(_same(path, card) for card in _cards(options)):
        raise UserError(f"{path} is the card of weights and would be lost; choose another name")
    if any(real_path(path).is_relative_to(folder) for folder in _own_folders()):
        raise UserError(f"{path} is part of the program; choose another name")


def _belongs(path: Path, source: Path) -> bool:
    """Whether a file is the source, or one of those in its folder that make it up."""
    from dfmamba_live.sources.images import SUFFIXES
    from dfmamba_live.sources.recorded import HEAD

    resolved = real_path(path)
    part = resolved.name == HEAD or resolved.suffix.lower() in SUFFIXES
    return _same(path, source) or (part and path.exists() and _same(resolved.parent, source))


def _same(one: Path, other: Path) -> bool:
    same = real_path(one) == real_path(other)
    return same or (one.exists() and other.exists() and one.samefile(other))


def _cards(options: Options) -> list[Path]:
    return [each.with_suffix(".json") for each in (options.weights, options.compare) if each]


def _own_folders() -> list[Path]:
    from dfmamba import weights
    from dfmamba_live.assets import ASSETS

    packages = (Path(file).parent for file in (weights.__file__, __file__))
    return [real_path(each) for each in (ASSETS, weights.FULL_WEIGHTS.parent, *packages)]


def open_source(options: Options) -> "Source":
    """Open what was asked for; in a window files repeat without end.

    Raises:
        UserError: it cannot be opened.
    """
    from dfmamba_live.sources import (
        AS_IT_LIKES,
        Mode,
        camera_at,
        open_camera,
        open_path,
        open_usual,
    )

    loop = not options.headless
    path = options.video or options.images
    if path is not None:
        return open_path(path, loop)
    mode = Mode(options.size, options.rate) if options.size or options.rate else None
    if options.camera is not None:
        return open_camera(camera_at(options.camera), mode or AS_IT_LIKES)
    return open_usual(mode, loop)


def open_weights(options: Options) -> "LoadedNetwork":
    """The network of the wanted weights, or of the usual ones, on the wanted device.

    The log says where it runs, and whether there are better weights.

    Raises:
        UserError: the weights are unusable, or a GPU is asked for that is not there.
    """
    from dfmamba.device import open_device
    from dfmamba.weights import FULL_WEIGHTS, LIGHT_WEIGHTS, open_network

    device = open_device(options.device)
    if options.device == "auto":
        where = "GPU" if device.type == "cuda" else "CPU: no GPU found"
        log.info("the network runs on the %s", where)
    weights = chosen_weights(options, device)
    if weights == LIGHT_WEIGHTS:
        log.info("light weights, to keep up; more exact and slower: --weights %s", FULL_WEIGHTS)
    return open_network(weights, device)


def chosen_weights(options: Options, device: "torch.device") -> Path:
    """The wanted weights, or the light ones for a window without a GPU, or else the full ones.

    The light network keeps up with a camera; without a window nobody waits.
    """
    from dfmamba.weights import FULL_WEIGHTS, LIGHT_WEIGHTS

    nobody_waits = options.headless or device.type == "cuda"
    return options.weights or (FULL_WEIGHTS if nobody_waits else LIGHT_WEIGHTS)


def make_estimator(options: Options, loaded: "LoadedNetwork") -> "HandEstimator":
    """The estimator on a network, as the source wants it.

    Raises:
        UserError: the finder's weights are damaged, or MediaPipe's package is missing or another.
    """
    from dfmamba.pipeline import HandEstimator

    # A window must not wait for MediaPipe; pictures of a folder need not follow one another.
    background = not options.headless and options.images is None
    return HandEstimator(
        loaded.network,
        loaded.device,
        detector=options.detector,
        background=background,
        fov_deg=options.fov,
    )
