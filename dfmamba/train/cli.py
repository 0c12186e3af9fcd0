"""`python -m dfmamba train`: train on made pictures, log, stop and go on, write weights."""

import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from dfmamba.data.batch import MakeBatch, some_mirrored
from dfmamba.data.crops import Crops
from dfmamba.device import DeviceName, chip_name, open_device
from dfmamba.errors import UserError, check_above_zero
from dfmamba.evaluate.agreement_2d import agreement
from dfmamba.evaluate.agreement_3d import space_agreement
from dfmamba.evaluate.predict import predict_crops
from dfmamba.evaluate.synthetic import measure, synthetic_figures
from dfmamba.model import HandNetwork, NetworkConfig
from dfmamba.model.config import FULL, LIGHT
from dfmamba.synth import SynthConfig, TrainingPictures
from dfmamba.train.card import write_weights
from dfmamba.train.checkpoint import Progress
from dfmamba.train.drawing import drawer
from dfmamba.train.gradients import Teacher, hand_losses, own_sizes
from dfmamba.train.group import opened_group
from dfmamba.train.recipe import Recipe
from dfmamba.train.trainer import StepReport, Trainer
from dfmamba.weights import load_network, sha256

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

log = logging.getLogger(__name__)

NAMES = ("hand", "light")
"""Of the full network and the light one."""
LOG_EVERY = 50
VALIDATE_EVERY = 1000
VALIDATION_PICTURES = 1024
MOST_BROKEN = 100
"""Steps whose gradients are not finite; more than these are no accident."""


def train(
    out: Path = Path("runs/hand"),
    data: Path | None = None,
    recipe: Recipe = Recipe(),  # noqa: B008  (frozen)
    start: Path | None = None,
    light: bool = False,
    start_light: Path | None = None,
    teacher: Path | None = None,
    stop_after: float | None = None,
    photographs: tuple[Path, ...] = (),
    real: tuple[Path, ...] = (),
    device: DeviceName = "auto",
) -> Path:
    """Train the network on pictures made as it goes, and write its weights.

    Args:
        out: the run's folder: checkpoint, tensorboard log, weights. Called again on the same
            folder, a run goes on where it stopped.
        data: the folder with skins and backgrounds; procedural ones where it is left out.
        recipe: how the run goes; a run that goes on needs the one that it was begun with.
        start: weights to begin from; without them the network starts from nothing.
        light: train the light network beside it, which learns from the full one's joints too.
        start_light: weights for the light network to begin from.
        teacher: weights of a full network that stays as it is: only the light one is trained.
        stop_after: stop after so many minutes and keep the checkpoint.
        photographs: packed crops (see `crops`) to train on as well.
        real: packed crops of other photographs to measure against, never to train on.
        device: where to train; auto: the GPU if there is one. On two GPUs:
            `torchrun --nproc-per-node=2 -m dfmamba train ...`.
    """
    _log_writer()  # what is missing or wrong is told before any work
    counts = ("batch", "minutes", "showings", "uses")
    check_above_zero(**{f"recipe.{name}": getattr(recipe, name) for name in counts})
    if stop_after is not None:
        check_above_zero(stop_after=stop_after)
    if teacher is not None and start is not None:
        raise UserError("a teacher is not trained; leave --start out, or --teacher")
    target = open_device(device)
    begun = [(NAMES[0], start, FULL)] if teacher is None else []
    begun += [(NAMES[1], start_light, LIGHT)] if light or teacher is not None else []
    # A run would otherwise see the pictures once more that the weights it begins from come from.
    first = begun[0][1]
    more_seed = 0 if first is None else int(sha256(first)[:6], 16)
    with opened_group(target) as group:
        torch.manual_seed(recipe.seed + more_seed)
        networks = [_begun(path, config) for _, path, config in begun]
        names = [name for name, _, _ in begun]
        teach = None if teacher is None else Teacher(load_network(teacher), target)
        largest = networks[0] if teach is None else teach.network

        def make_pictures(seed: int) -> MakeBatch:
            size = largest.config.input_size
            draw = drawer(recipe, data, photographs, size, target, seed)
            return lambda count: some_mirrored(draw(count), recipe.mirrored)

        def held_out(network: HandNetwork, seed: int) -> TrainingPictures:
            config = SynthConfig(size=network.config.input_size, held_out=True)
            return TrainingPictures(config, data, target, seed)

        losses, shown = (hand_losses, own_sizes) if teach is None else (teach.losses, teach.shown)
        trainer = Trainer(
            recipe, networks, make_pictures, out, target, group, more_seed, losses, shown
        )
        with closing(trainer.run(stop_after)) as steps:
            if group.leads:
                _follow(steps, lambda: _validate(trainer, names, held_out, real), out)
            else:
                deque(steps, maxlen=0)
        if group.leads:
            log.info("fitting the confidence and writing the weights; minutes on a processor")
            for (name, path, _), network in zip(begun, trainer.averaged, strict=True):
                told = _told(trainer, _described(data, path, teacher, photographs))
                write_weights(network, out / f"{name}.safetensors", held_out(network, 2), told)
    return out


def _begun(start: Path | None, config: NetworkConfig) -> HandNetwork:
    """A network of this configuration; one from a file keeps its own but for the crops' size."""
    if start is None:
        return HandNetwork(config)
    network = load_network(start)
    network.config = replace(network.config, input_size=config.input_size)
    return network


def _described(
    data: Path | None, start: Path | None, teacher: Path | None, photographs: tuple[Path, ...]
) -> str:
    textures = "skins and backgrounds from a folder" if data else "all procedural"
    parts = [f"pictures made by dfmamba/synth, {textures}"]
    parts += [f"photographs: {', '.join(path.stem for path in photographs)}"] if photographs else []
    parts += [f"begun from {start.name}, {sha256(start)[:12]}"] if start else []
    parts += [f"taught by {teacher.name}, {sha256(teacher)[:12]}"] if teacher else []
    return "; ".join(parts)


def _told(trainer: Trainer[HandNetwork], trained_on: str) -> dict[str, Any]:
    progress = trainer.progress
    return {
        "trained_on": trained_on,
        "pictures": progress.pictures,
        "steps": progress.step,
        "minutes": round(progress.seconds / 60, 1),
        "device": f"{trainer.group.size} x {chip_name(trainer.device)}",
        "recipe": asdict(trainer.recipe),
    }


def _follow(
    steps: Iterable[StepReport],
    validate: Callable[[], dict[str, float]],
    out: Path,
) -> None:
    """Show and log what the steps tell, and the averaged network's figures from time to time."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with _log_writer()(str(out)) as writer, RichProgress(*columns) as bar:
        task = bar.add_task("training", total=1.0)
        for report in steps:
            bar.update(task, completed=report.done)
            if report.progress.step % LOG_EVERY == 0:
                bar.update(task, description=_log(report, writer))
            if report.progress.step % VALIDATE_EVERY == 0:
                figures = validate()
                _record(figures, report.progress, out, writer)
                bar.console.print(report.progress.step, figures)


def _validate(
    trainer: Trainer[HandNetwork],
    names: Sequence[str],
    held_out: Callable[[HandNetwork, int], TrainingPictures],
    real: tuple[Path, ...],
) -> dict[str, float]:
    """Figures of the averaged networks: held-out synthetic in mm, real packs by name.

    Of these the agreement with MediaPipe: in the image in shares, in space in mm.
    """
    packs = {path.stem: Crops.load(path) for path in real}
    figures = {}
    for name, network in zip(names, trainer.averaged, strict=True):
        network.eval()
        found = synthetic_figures(measure(network, held_out(network, 1), VALIDATION_PICTURES))
        figures[f"{name} mpjpe_mm"] = found.mpjpe_mm
        figures[f"{name} pa_mpjpe_mm"] = found.pa_mpjpe_mm
        figures[f"{name} px"] = found.mean_px
        for pack, whole in packs.items():
            crops = whole.sized(network.config.input_size)
            shown = predict_crops(network, crops.images)
            figures[f"{name} {pack}"] = agreement(shown, crops).mean
            space = space_agreement(shown, crops)
            if space is None:
                continue
            figures[f"{name} {pack} best_scaled_mm"] = space.best_scaled_mm
            figures[f"{name} {pack} pa_mm"] = space.pa_mm
            figures[f"{name} {pack} palm_width"] = space.palm_width.median
    return {name: round(value, 4) for name, value in figures.items()}


def _log_writer() -> "type[SummaryWriter]":
    """Tensorboard's writer.

    Raises:
        UserError: its package is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UserError(
            "training logs need tensorboard; run pip install 'dfmamba-live[train]'"
        ) from error
    return SummaryWriter


def _record(
    figures: dict[str, float], progress: Progress, out: Path, writer: "SummaryWriter"
) -> None:
    for name, value in figures.items():
        writer.add_scalar(f"held out/{name}", value, progress.step)
    with (out / "validation.jsonl").open("a") as file:
        file.write(json.dumps({**vars(progress), **figures}) + "\n")


def _log(report: StepReport, writer: "SummaryWriter") -> str:
    progress = report.progress
    if report.broken.item() > MOST_BROKEN:
        raise UserError(
            f"the gradients of {report.broken.item():.0f} steps were not finite; the weights would"
            " be worth nothing: look at the pictures, or lower the learning rate"
        )
    terms = {name: term.item() for name, term in report.terms.items()}
    rate = progress.pictures / max(progress.seconds, 1e-9)
    for name, value in {**terms, "learning_rate": report.rate, "pictures_per_s": rate}.items():
        writer.add_scalar(name, value, progress.step)
    shown = " ".join(f"{name} {value:.3f}" for name, value in terms.items())
    return f"step {progress.step} {rate:.0f} pictures/s {shown}"
