"""`python -m dfmamba bench`: how fast pictures are drawn, learned from, and read."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from rich.console import Console
from rich.table import Table

from dfmamba.device import DeviceName, open_device
from dfmamba.model import HandNetwork, NetworkConfig, read_out
from dfmamba.synth import SynthConfig, TrainingBatch, TrainingPictures, pictures_per_second
from dfmamba.train.trainer import TrainConfig, Trainer

WARM_UP, ROUNDS = 5, 20


def bench(batch: int = 512, data: Path | None = None, device: DeviceName = "auto") -> None:
    """Time drawing, the training step and the network, and print a table.

    Args:
        batch: pictures a step; a CPU wants 8 or so.
        data: the folder with skins and backgrounds, or a pack; procedural ones without it.
        device: where it runs; auto: the GPU if there is one.
    """
    target = open_device(device)
    name = torch.cuda.get_device_name() if target.type == "cuda" else "CPU"
    table = Table("what", "figure", title=f"{name}, torch {torch.__version__}, batch {batch}")
    drawn = pictures_per_second(SynthConfig(), data, target, batch)
    table.add_row("drawing training pictures", f"{drawn:.0f} a second")
    pictures = TrainingPictures(SynthConfig(), data, target)
    fixed = pictures.batch(batch)
    for what, draw in (
        ("training step alone", lambda count: fixed),  # noqa: ARG005
        ("drawing and training step", pictures.batch),
    ):
        table.add_row(what, f"{batch / _step_seconds(draw, batch, target):.0f} pictures a second")
    table.add_row("network and read-out, one crop", f"{1e3 * _crop_seconds(target):.2f} ms, fp32")
    Console().print(table)


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    """Mean time of one call, after some to warm up."""

    def now() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()

    for _ in range(WARM_UP):
        work()
    start = now()
    for _ in range(ROUNDS):
        work()
    return (now() - start) / ROUNDS


def _step_seconds(draw: Callable[[int], TrainingBatch], batch: int, device: torch.device) -> float:
    with TemporaryDirectory() as folder:
        config = TrainConfig(minutes=1e6, batch=batch)
        trainer = Trainer(config, NetworkConfig(), lambda seed: draw, Path(folder), device)  # noqa: ARG005
        steps = trainer.run()
        seconds = _seconds(lambda: next(steps), device)
        steps.close()
    return seconds


def _crop_seconds(device: torch.device) -> float:
    network = HandNetwork().to(device).eval()
    crop = torch.rand(1, 3, network.config.input_size, network.config.input_size, device=device)
    with torch.inference_mode():
        return _seconds(lambda: read_out(network(crop), network.config.input_size), device)
