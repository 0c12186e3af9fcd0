"""`python -m dfmamba train`: train on made pictures, log, stop and go on, write weights."""

import json
from contextlib import closing
from pathlib import Path

import torch
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from torch.utils.tensorboard import SummaryWriter

from dfmamba.device import DeviceName, open_device
from dfmamba.evaluate.calibration import calibrate
from dfmamba.evaluate.crops import Crops
from dfmamba.evaluate.real import agreement
from dfmamba.evaluate.synthetic import measure, synthetic_figures
from dfmamba.model import HandNetwork, NetworkConfig
from dfmamba.model.config import LIGHT
from dfmamba.synth import SynthConfig, TrainingPictures
from dfmamba.train.batch import MakeBatch
from dfmamba.train.card import storage_cost, write_card
from dfmamba.train.checkpoint import Progress
from dfmamba.train.drawing import drawer
from dfmamba.train.trainer import StepReport, TrainConfig, Trainer
from dfmamba.weights import load_network, save_network

LOG_EVERY = 50
VALIDATE_EVERY = 500
VALIDATION_PICTURES = 1024


def train(
    out: Path = Path("runs/hand"),
    data: Path | None = None,
    config: TrainConfig = TrainConfig(),  # noqa: B008  (frozen)
    start: Path | None = None,
    light: bool = False,
    teacher: Path | None = None,
    stop_after: float | None = None,
    photographs: tuple[Path, ...] = (),
    real: tuple[Path, ...] = (),
    device: DeviceName = "auto",
) -> Path:
    """Train the network on pictures made as it goes, and write its weights into `out`.

    Called again on the same folder it goes on where it stopped.

    Args:
        out: the run's folder: checkpoint, tensorboard log, weights.
        data: the folder with skins and backgrounds; procedural ones where it is left out.
        config: how the run goes.
        start: weights to begin from; without them the network starts from nothing.
        light: train the light network, for machines without a GPU.
        teacher: weights of a larger network to learn from as well.
        stop_after: stop after so many minutes and keep the checkpoint.
        photographs: packed crops (see `crops`) to train on as well, by their joints in the image.
        real: packed crops of other photographs to measure against, never to train on.
        device: where to train; auto: the GPU if there is one.
    """
    target = open_device(device)
    torch.manual_seed(config.seed)
    network = load_network(start) if start else HandNetwork(LIGHT if light else NetworkConfig())
    size = network.config.input_size

    def make_pictures(seed: int) -> MakeBatch:
        return drawer(data, photographs, size, target, seed)

    taught_by = load_network(teacher, target) if teacher else None
    trainer = Trainer(config, network, make_pictures, out, target, taught_by)
    held_out = SynthConfig(size=size, held_out=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with SummaryWriter(str(out)) as writer, RichProgress(*columns) as bar:
        task = bar.add_task("training", total=1.0)
        with closing(trainer.run(stop_after)) as steps:
            for report in steps:
                if report.progress.step % LOG_EVERY == 0:
                    text = _log(report, writer)
                    bar.update(task, completed=report.done, description=text)
                if report.progress.step % VALIDATE_EVERY == 0:
                    figures = _validate(
                        trainer.averaged, TrainingPictures(held_out, data, target, 1), real
                    )
                    _record(figures, report.progress, out, writer)
                    bar.console.print(report.progress.step, figures)
    return _write_weights(trainer, out, TrainingPictures(held_out, data, target, 2), data)


def _write_weights(
    trainer: Trainer, out: Path, pictures: TrainingPictures, data: Path | None
) -> Path:
    weights = out / "hand.safetensors"
    network = trainer.averaged.eval()
    calibrate(network, pictures)
    save_network(network, weights)
    storage = storage_cost(network, load_network(weights, trainer.device), pictures)
    write_card(weights, trainer.config, trainer.progress, data, storage)
    return weights


def _validate(
    network: HandNetwork, pictures: TrainingPictures, real: tuple[Path, ...]
) -> dict[str, float]:
    """Figures of the averaged network: held-out synthetic in mm, real packs by name in shares."""
    network.eval()
    found = synthetic_figures(measure(network, pictures, VALIDATION_PICTURES))
    figures = {"mpjpe_mm": found.mpjpe_mm, "pa_mpjpe_mm": found.pa_mpjpe_mm, "px": found.mean_px}
    for path in real:
        figures[path.stem] = agreement(network, Crops.load(path)).mean
    return {name: round(value, 4) for name, value in figures.items()}


def _record(
    figures: dict[str, float], progress: Progress, out: Path, writer: SummaryWriter
) -> None:
    for name, value in figures.items():
        writer.add_scalar(f"held out/{name}", value, progress.step)
    with (out / "validation.jsonl").open("a") as file:
        file.write(json.dumps({**vars(progress), **figures}) + "\n")


def _log(report: StepReport, writer: SummaryWriter) -> str:
    progress = report.progress
    terms = {name: term.item() for name, term in report.terms.items()}
    rate = progress.pictures / max(progress.seconds, 1e-9)
    for name, value in {**terms, "learning_rate": report.rate, "pictures_per_s": rate}.items():
        writer.add_scalar(name, value, progress.step)
    shown = " ".join(f"{name} {value:.3f}" for name, value in terms.items())
    return f"step {progress.step} {rate:.0f} pictures/s {shown}"
