"""`python -m dfmamba bench backbones`: the backbone's speed beside that of well-known ones."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from rich.progress import Progress
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from dfmamba.bench.clock import median_seconds
from dfmamba.bench.models import BASELINE, MODELS, OURS, build, check
from dfmamba.bench.modes import MODES, Mode, ModeName, precision
from dfmamba.bench.report import Report, package_version, setting
from dfmamba.device import DeviceName, open_device
from dfmamba.errors import check_above_zero

PARAMETERS, GMACS, GMACS_SIZE = "M parameters", "GMACs", 224
Variant = Literal["eager", "compiled"]
Work = Callable[[], object]
VARIANTS: tuple[Variant, ...] = ("eager", "compiled")
SPEEDS = [f"{mode} {variant}" for mode in MODES for variant in VARIANTS]


@dataclass(frozen=True)
class Load:
    """What a network is timed with: `batch` images of size x size px, for `seconds`."""

    batch: int
    size: int
    seconds: float
    device: torch.device


def inference(network: nn.Module, images: Tensor, mode: Mode, variant: Variant) -> Work:
    """A call that runs the network once."""
    network.eval().to(dtype=mode.dtype, memory_format=mode.layout)  # type: ignore[call-overload]
    images = images.to(mode.dtype, memory_format=mode.layout)
    run = torch.compile(network, mode="reduce-overhead") if variant == "compiled" else network
    return torch.inference_mode()(lambda: run(images))


def training(network: nn.Module, images: Tensor, mode: Mode, variant: Variant) -> Work:
    """A call that does one step: forward, backward and AdamW, on the map's mean square."""
    network.train().to(memory_format=mode.layout)  # type: ignore[call-overload]
    images = images.to(memory_format=mode.layout)
    run = torch.compile(network) if variant == "compiled" else network
    optimizer = torch.optim.AdamW(network.parameters(), fused=True)
    half = torch.autocast(images.device.type, torch.bfloat16, enabled=mode.dtype == torch.bfloat16)

    def step() -> None:
        optimizer.zero_grad()
        with half:
            last: Tensor = run(images)
        torch.autograd.backward(last.float().square().mean())
        optimizer.step()

    return step


@dataclass(frozen=True)
class Task:
    """One table: its file, its title, the models in it, and what is timed of them."""

    file: str
    title: str
    models: Sequence[str]
    columns: Sequence[str]
    notes: Sequence[str]
    work: Callable[[nn.Module, Tensor, Mode, Variant], Work]

    def report(self, out: Path, load: Load) -> Report:
        """The table so far."""
        return Report(
            out / self.file,
            f"{self.title}, images/s, {load.size} x {load.size}",
            self.columns,
            setting(load.device, batch=load.batch, size=load.size),
            BASELINE,
            SPEEDS,
            (
                *self.notes,
                f"x: times {BASELINE} in the same column",
                f"all but {OURS}: timm {package_version('timm')}",
            ),
        )


INFERENCE = Task(
    file="backbones.json",
    title="Inference",
    models=MODELS,
    columns=(PARAMETERS, GMACS, *SPEEDS),
    notes=(
        "bf16: weights and images in bfloat16; bf16 and tf32: channels-last; fp32: NCHW",
        "compiled: torch.compile with CUDA graphs (reduce-overhead)",
        "parameters and GMACs (convolutions and matrix products, at 224 x 224): without heads",
    ),
    work=inference,
)
TRAINING = Task(
    file="backbones_train.json",
    title="Training: forward, backward and AdamW",
    models=(OURS, BASELINE),
    columns=SPEEDS,
    notes=("bf16: autocast; bf16 and tf32: channels-last; fp32: NCHW",),
    work=training,
)


def backbones(
    models: tuple[str, ...] = MODELS,
    modes: tuple[ModeName, ...] = tuple(MODES),
    batch: int = 128,
    size: int = 256,
    seconds: float = 2.0,
    infer: bool = True,
    train: bool = True,
    compile: bool = True,
    out: Path = Path("runs/bench"),
    device: DeviceName = "auto",
) -> list[Report]:
    """Time the backbone beside well-known ones: images a second, seen and learned from.

    Calls with the same `out` fill the same two tables, so they can be measured bit by bit.

    Args:
        models: dfmamba, and any of timm's that the default lists; training: the first two only.
        modes: fp32; tf32: float32 with TF32 products; bf16: all in bfloat16 (training: autocast),
            channels-last.
        batch: images at a time; a CPU wants 2 or so.
        size: edge of the images, px, a multiple of 32.
        seconds: how long to measure each figure, warming up and compiling not counted in.
        infer: fill the table of inference.
        train: fill the table of training steps.
        compile: also with torch.compile, which takes about half a minute a figure.
        out: the folder for backbones.json and backbones_train.json.
        device: where it runs; auto: the GPU if there is one.
    """
    check(models)
    check_above_zero(batch=batch, size=size, seconds=seconds)
    load = Load(batch, size, seconds, open_device(device))
    tasks = [task for task, wanted in ((INFERENCE, infer), (TRAINING, train)) if wanted]
    tasks = [task for task in tasks if set(task.models) & set(models)]
    reports = [task.report(out, load) for task in tasks]  # each refuses before any is measured
    for task, report in zip(tasks, reports, strict=True):
        names = [name for name in task.models if name in models]
        _fill(report, task, names, modes, VARIANTS if compile else VARIANTS[:1], load)
        report.show()
    return reports


def _fill(
    report: Report,
    task: Task,
    names: Sequence[str],
    modes: Sequence[ModeName],
    variants: Sequence[Variant],
    load: Load,
) -> None:
    figures = [(name, mode, variant) for name in names for mode in modes for variant in variants]
    # Drawn by hand after each figure: a thread that draws would take time from what is timed.
    with Progress(auto_refresh=False) as progress:
        bar = progress.add_task("", total=len(figures))
        if GMACS in task.columns:
            for name in names:
                _size_up(report, name)
        for name, mode, variant in figures:
            column = f"{mode} {variant}"
            progress.update(bar, description=f"{name}, {column}", refresh=True)
            try:
                report.put(name, column, _speed(name, task, MODES[mode], variant, load))
            except Exception as error:  # whatever it is, the other figures are still wanted
                report.miss(name, column, _first_line(error))
            _tidy()
            progress.advance(bar)
    report.sort(MODELS)


def _size_up(report: Report, name: str) -> None:
    network = build(name, GMACS_SIZE).eval().to("meta")
    images = torch.empty(1, 3, GMACS_SIZE, GMACS_SIZE, device="meta")
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(images)
    report.put(name, PARAMETERS, sum(each.numel() for each in network.parameters()) / 1e6)
    report.put(name, GMACS, counter.get_total_flops() / 2e9)


def _speed(name: str, task: Task, mode: Mode, variant: Variant, load: Load) -> float:
    """Images a second."""
    with precision(mode):
        network = build(name, load.size).to(load.device)
        images = torch.rand(load.batch, 3, load.size, load.size, device=load.device)
        work = task.work(network, images, mode, variant)
        return load.batch / median_seconds(work, load.device, load.seconds)


def _tidy() -> None:
    """Give back what the last network took, so that the next one starts as the first did."""
    torch.compiler.reset()
    gc.collect()
    torch.cuda.empty_cache()


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no reason given'}"
