"""`python -m dfmamba bench train`: how fast training pictures are drawn and learned from."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from dfmamba.bench.clock import median_seconds
from dfmamba.bench.report import Report, setting
from dfmamba.data.batch import MakeBatch, some_mirrored
from dfmamba.device import DeviceName, open_device
from dfmamba.errors import check_above_zero
from dfmamba.model import HandNetwork, NetworkConfig
from dfmamba.train.drawing import drawer, drawn_at_once
from dfmamba.train.recipe import Recipe
from dfmamba.train.trainer import Trainer

FIGURE = "pictures/s"


def train(
    batch: int = 512,
    data: Path | None = None,
    seconds: float = 5.0,
    out: Path = Path("runs/bench"),
    device: DeviceName = "auto",
) -> Report:
    """Time drawing training pictures, the training step, and both together.

    A GPU learns from each drawn picture several times; drawing alone counts it once.

    Args:
        batch: pictures a step; a CPU wants 8 or so.
        data: the folder with skins and backgrounds, or a pack; procedural ones without it.
        seconds: how long to measure each.
        out: the folder for train.json.
        device: where it runs; auto: the GPU if there is one.
    """
    check_above_zero(batch=batch, seconds=seconds)
    target = open_device(device)
    config = NetworkConfig()
    report = Report(
        out / "train.json",
        f"Training on made pictures of {config.input_size} x {config.input_size}, batch {batch}",
        (FIGURE,),
        setting(target, batch=batch, textures="procedural" if data is None else data.name),
    )
    recipe = Recipe(minutes=1e6, batch=batch)
    pictures = drawer(recipe, data, (), config.input_size, target, seed=0)
    fixed = pictures(batch)
    # A GPU draws the pictures of several steps at once: only all of them together tell its speed.
    uses, drawn = 1, batch
    if target.type == "cuda":
        uses, drawn = recipe.uses, drawn_at_once(config.input_size)
    steps_together = uses * max(drawn // batch, 1)
    learned = steps_together * batch

    def measure(what: str, step: Callable[[], object], count: float) -> None:
        def work() -> None:
            for _ in range(steps_together):
                step()

        taken = median_seconds(work, target, seconds)
        report.put(what, FIGURE, count / taken)

    measure("drawing", lambda: pictures(batch), learned / uses)
    with TemporaryDirectory() as folder:
        draws: dict[str, MakeBatch] = {
            "training step": lambda count: fixed,  # noqa: ARG005
            "drawing and training step": pictures,
        }
        for what, draw in draws.items():
            steps = _trainer(draw, recipe, config, Path(folder, what), target).run()
            measure(what, steps.__next__, learned)
            steps.close()
    report.show()
    return report


def _trainer(
    draw: MakeBatch,
    recipe: Recipe,
    config: NetworkConfig,
    folder: Path,
    device: torch.device,
) -> Trainer[HandNetwork]:
    def make_pictures(seed: int) -> MakeBatch:  # noqa: ARG001
        return lambda count: some_mirrored(draw(count), recipe.mirrored)

    return Trainer(recipe, [HandNetwork(config)], make_pictures, folder, device)
