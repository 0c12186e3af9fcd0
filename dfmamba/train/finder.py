"""`python -m dfmamba train_finder`: train the hand finder on made scenes and on photographs."""

import json
import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from math import ceil, isfinite
from pathlib import Path

import torch
from rich.console import Console
from torch import Tensor

from dfmamba.data.whole import WholeFrames
from dfmamba.device import DeviceName, chip_name, open_device
from dfmamba.errors import check_above_zero
from dfmamba.evaluate.finder import made_figures
from dfmamba.finder.frames import Frames, joined
from dfmamba.finder.loss import finder_loss
from dfmamba.finder.network import FinderNetwork
from dfmamba.finder.scenes import SceneConfig, Scenes
from dfmamba.finder.weights import load_finder, save_finder
from dfmamba.train.card import write_card
from dfmamba.train.drawing import ahead, in_parts
from dfmamba.train.group import opened_group
from dfmamba.train.recipe import Recipe
from dfmamba.train.trainer import StepReport, Trainer
from dfmamba.weights import sha256

log = logging.getLogger(__name__)

NAME = "finder.safetensors"
AT_ONCE = 768
"""Frames that a GPU draws at once."""
COUNTS = ("batch", "minutes", "showings", "uses")
LOG_EVERY, VALIDATE_EVERY = 50, 1000
VALIDATION_FRAMES = 512
"""Held-out ones."""
RECIPE = Recipe(
    minutes=20.0, learning_rate=2e-3, absent=0.0, mirrored=0.0, photographs=0.35, showings=2
)
"""Frames without hands are among the scenes already, and mirrored ones are hands of the other side,
both ways of drawing that crops have apart."""


def train_finder(
    out: Path = Path("runs/finder"),
    data: Path | None = None,
    recipe: Recipe = RECIPE,
    start: Path | None = None,
    whole: tuple[Path, ...] = (),
    size: int = 320,
    stop_after: float | None = None,
    device: DeviceName = "auto",
) -> Path:
    """Train the hand finder on frames made as it goes, and write its weights into `out`.

    Called again on the same folder it goes on where it stopped. On several GPUs by torchrun, as
    `train`.

    Args:
        out: the run's folder: checkpoint, log, weights.
        data: the folder with skins and backgrounds, or a pack; without it textures are made up.
        recipe: how the run goes; a run that goes on needs the one that it was begun with.
        start: weights to begin from; without them the network starts from nothing.
        whole: packs of whole photographs to learn from as well (see `whole`).
        size: edge of the frames, px, a multiple of 32.
        stop_after: stop after so many minutes and keep the checkpoint.
        device: where to train; auto: the GPU if there is one.
    """
    check_above_zero(**{f"recipe.{name}": getattr(recipe, name) for name in COUNTS})
    if stop_after is not None:
        check_above_zero(stop_after=stop_after)
    target = open_device(device)
    with opened_group(target) as group:
        torch.manual_seed(recipe.seed)
        network = FinderNetwork() if start is None else load_finder(start)
        # A run from weights would otherwise see the frames once more that they come from.
        more_seed = 0 if start is None else int(sha256(start)[:6], 16)

        def make_frames(seed: int) -> Callable[[int], Frames]:
            return drawer(recipe, data, whole, size, target, seed)

        trainer = Trainer(
            recipe,
            [network],
            make_frames,
            out,
            target,
            group,
            more_seed,
            losses,
            shown=lambda _, frames: frames,
        )
        held_out = SceneConfig(size=size, held_out=True)
        with closing(trainer.run(stop_after)) as steps:
            for report in steps:
                if group.leads:
                    _follow(report, trainer, lambda: Scenes(held_out, data, target, 1), out)
        if group.leads:
            found = trainer.averaged[0].eval()
            save_finder(found, out / NAME)
            figures = validated(found, Scenes(held_out, data, target, 2), VALIDATION_FRAMES)
            write_card(
                out / NAME,
                {
                    "trained_on": ", ".join(["made scenes", *(path.stem for path in whole)]),
                    "frames": trainer.progress.pictures,
                    "minutes": round(trainer.progress.seconds / 60, 1),
                    "device": f"{group.size} x {chip_name(target)}",
                    "recipe": asdict(recipe),
                    "held_out": figures,
                },
            )
    return out


def losses(networks: Sequence[FinderNetwork], frames: Frames) -> dict[str, Tensor]:
    """The loss's terms of the one network."""
    kind = frames.images.device.type
    with torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
        maps = networks[0](frames.images)
    return finder_loss(maps, frames.hands)


def drawer(
    recipe: Recipe,
    data: Path | None,
    whole: Sequence[Path],
    size: int,
    device: torch.device,
    seed: int,
) -> Callable[[int], Frames]:
    """The function that draws a batch of so many frames; its arguments are `train_finder`'s."""
    made = Scenes(SceneConfig(size=size, showings=recipe.showings), data, device, seed)
    real = WholeFrames(whole, size, made.behind, device, seed) if whole else None

    def draw(count: int) -> Frames:
        if real is None:
            return made.batch(count)
        share = ceil(recipe.photographs * count)
        return joined([made.batch(count - share), real.batch(share)])

    return in_parts(ahead(draw), AT_ONCE, recipe.uses) if device.type == "cuda" else draw


def validated(network: FinderNetwork, scenes: Scenes, count: int) -> dict[str, float]:
    """The network's figures on `count` held-out made frames."""
    figures = asdict(made_figures(network, scenes, count))
    return {name: round(value, 4) for name, value in figures.items() if isfinite(value)}


def _follow(
    report: StepReport, trainer: Trainer[FinderNetwork], held_out: Callable[[], Scenes], out: Path
) -> None:
    """Tell how the run goes, and from time to time what the averaged network finds."""
    progress = report.progress
    if progress.step % LOG_EVERY == 0:
        terms = {name: round(term.item(), 4) for name, term in report.terms.items()}
        rate = progress.pictures / max(progress.seconds, 1e-9)
        facts = {"done": report.done, "frames_per_s": rate, "broken": report.broken.item()}
        _noted(out, {"step": progress.step, **facts, **terms})
    if progress.step % VALIDATE_EVERY == 0:
        figures = validated(trainer.averaged[0].eval(), held_out(), VALIDATION_FRAMES)
        _noted(out, {**vars(progress), **figures})


def _noted(out: Path, facts: dict[str, float]) -> None:
    line = json.dumps({name: round(value, 5) for name, value in facts.items()})
    with (out / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    Console().print(line, highlight=False)
