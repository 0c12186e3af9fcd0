"""The commands that measure a network, and lay made pictures beside real ones."""

from pathlib import Path

import numpy as np
from rich.console import Console

from dfmamba.data.crops import Crops
from dfmamba.device import DeviceName, open_device
from dfmamba.errors import UserError, check_above_zero
from dfmamba.evaluate.measurements import measurements
from dfmamba.evaluate.reliability import reliability_plot
from dfmamba.evaluate.report import Report, machine, save_page, tables, versions
from dfmamba.evaluate.sheet import COLUMNS, side_by_side
from dfmamba.evaluate.synthetic import to_bytes
from dfmamba.images import write_picture
from dfmamba.synth import SynthConfig, TrainingPictures
from dfmamba.weights import open_network


def evaluate(
    weights: Path | None = None,
    data: Path | None = None,
    labels: Path | None = None,
    count: int = 4096,
    out: Path = Path("runs/evaluation"),
    device: DeviceName = "auto",
) -> Report:
    """Measure a network on made hands, photographs and depth pictures.

    Args:
        weights: a weights file; the built-in one where it is left out.
        data: the folder with skins, backgrounds, real photographs and depth pictures; without it
            the synthetic pictures are procedural and there are no real ones.
        labels: the folder with MediaPipe's labels of the photographs; those that are missing are
            made. The output folder where it is left out. Only scenes kept from training count.
        count: how many synthetic pictures.
        out: where report.json, report.html, the plots and the contact sheets go.
        device: where it runs; auto: the GPU if there is one.
    """
    check_above_zero(count=count)
    out.mkdir(parents=True, exist_ok=True)  # what is in the way is reported before any work
    target, console = open_device(device), Console()
    loaded = open_network(weights, target)
    report = Report(weights=loaded.describe(), machine=machine(target), versions=versions())
    for measure in measurements(data, labels or out, count, console):
        found = measure(loaded.network)
        report.add(found.figures)
        for name, sheet in found.sheets.items():
            write_picture(sheet, out / f"{name}.png")
    reliability_plot(report.reliability).savefig(out / "reliability.png")
    report.save(out / "report.json")
    save_page(report, sorted(out.glob("*.png")), out / "report.html")
    console.print(*tables(report))
    return report


def beside(
    packs: tuple[Path, ...], out: Path, data: Path | None = None, rows: int = 8, seed: int = 0
) -> None:
    """Show made pictures beside real ones, to compare how they look.

    Args:
        packs: packed crops with a margin of 1, as `crops --margin 1` makes them.
        out: the picture to write.
        data: the folder with skins and backgrounds, or a pack; without it textures are made up.
        rows: of eight pictures each.
        seed: another seed gives other pictures.
    """
    check_above_zero(packs=len(packs), rows=rows)
    images = Crops.load_all(packs).images
    count = rows * COLUMNS
    if len(images) < count:
        raise UserError(f"{count} crops are needed, there are {len(images)}; give more packs")
    real = images[np.random.default_rng(seed).permutation(len(images))[:count]]
    made = TrainingPictures(SynthConfig(size=real.shape[1]), data, seed=seed).batch(count).images
    write_picture(side_by_side(to_bytes(made), real), out)
    Console().print(f"{count} made pictures, then {count} real ones: {out}")
