"""`python -m dfmamba train`: train on made pictures, log, stop and go on, write weights."""

import json
import logging
from contextlib import closing
from pathlib import Path
from typing import Any

import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch.utils.tensorboard import SummaryWriter

from dfmamba.evaluate.real import agreement
from dfmamba.evaluate.synthetic import evaluate_synthetic
from dfmamba.model import HandNetwork, NetworkConfig
from dfmamba.synth import SynthConfig, TrainingPictures
from dfmamba.train.trainer import StepReport, TrainConfig, Trainer
from dfmamba.weights import save_network

log = logging.getLogger(__name__)
LOG_EVERY = 50


def train(
    out: Path = Path("runs/hand"),
    data: Path | None = None,
    config: TrainConfig = TrainConfig(),  # noqa: B008  (frozen)
    stop_after: float | None = None,
    device: str = "cuda" if torch.cuda.is_available() else "cpu",
) -> Path:
    """Train the network on pictures made as it goes, and write its weights into `out`.

    Called again on the same folder it goes on where it stopped.

    Args:
        out: the run's folder: checkpoint, tensorboard log, weights.
        data: the folder with skins and backgrounds; procedural ones where it is left out.
        config: how the run goes.
        stop_after: stop after so many minutes and keep the checkpoint.
        device: cuda or cpu.
    """
    network_config = NetworkConfig()
    size = network_config.input_size
    target = torch.device(device)
    pictures = TrainingPictures(SynthConfig(size=size), data, target, config.seed)
    trainer = Trainer(config, network_config, pictures.batch, out, target)
    # Pictures are drawn anew after a stop, not from the start again.
    pictures.reseed(config.seed + trainer.progress.step)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with SummaryWriter(str(out)) as writer, Progress(*columns) as bar:
        task = bar.add_task("training", total=1.0)
        with closing(trainer.run(stop_after)) as steps:
            for report in steps:
                if report.progress.step % LOG_EVERY == 0:
                    text = _log(report, writer)
                    bar.update(task, completed=report.done, description=text)
    weights = out / "hand.safetensors"
    save_network(trainer.averaged, weights)
    return weights


def _log(report: StepReport, writer: SummaryWriter) -> str:
    progress = report.progress
    terms = {name: term.item() for name, term in report.terms.items()}
    rate = progress.pictures / max(progress.seconds, 1e-9)
    for name, value in {**terms, "learning_rate": report.rate, "pictures_per_s": rate}.items():
        writer.add_scalar(name, value, progress.step)
    shown = " ".join(f"{name} {value:.3f}" for name, value in terms.items())
    return f"step {progress.step} {rate:.0f} pictures/s {shown}"
