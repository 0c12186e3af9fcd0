"""The commands that measure networks, and lay made pictures beside real ones."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from dfmamba.data.crops import Crops
from dfmamba.data.real_hands import Half, marked_pictures
from dfmamba.device import DeviceName, open_device
from dfmamba.errors import UserError, check_above_zero
from dfmamba.evaluate.finder import found_by, made_figures
from dfmamba.evaluate.found import Finder, found_figures, seen_by
from dfmamba.evaluate.measurements import measurements
from dfmamba.evaluate.reliability import reliability_plot
from dfmamba.evaluate.report import Report, machine, save_page, tables, versions
from dfmamba.evaluate.sheet import COLUMNS, side_by_side
from dfmamba.evaluate.synthetic import to_bytes
from dfmamba.finder.decode import LEAST_SCORE, MOST
from dfmamba.finder.scenes import SceneConfig, Scenes
from dfmamba.finder.weights import load_finder
from dfmamba.images import write_picture
from dfmamba.pipeline.finder import FinderDetector
from dfmamba.pipeline.landmarker import Landmarker
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


def measure_finder(
    finder: Path,
    data: Path,
    count: int = 512,
    half: Half | None = None,
    least_score: float = LEAST_SCORE,
) -> None:
    """Print how well a finder finds hands: in held-out made frames, in real pictures.

    Of the real pictures, which were marked by eye, MediaPipe's figures stand beside.

    Args:
        finder: its weights.
        data: the data folder, with skins/, bg/ and real/.
        count: how many made frames.
        half: of the marked pictures, choose or figure; all where it is left out.
        least_score: a hand less likely than this is not taken for one.
    """
    check_above_zero(count=count, least_score=least_score)
    network, console = load_finder(finder), Console()
    made = made_figures(network, Scenes(SceneConfig(held_out=True), data, seed=1), count)
    console.print("made frames", {name: round(value, 3) for name, value in asdict(made).items()})
    with Landmarker(MOST) as landmarker:
        methods: dict[str, Finder] = {
            "finder": found_by(FinderDetector(network, least_score=least_score)),
            "MediaPipe": seen_by(landmarker),
        }
        table = Table("real pictures", *methods)
        columns = [
            found_figures(method, marked_pictures(half), data / "real")
            for method in methods.values()
        ]
    for kind in columns[0].kinds:
        table.add_row(f"found, {kind}", *(f"{each.kinds[kind].recall:.1%}" for each in columns))
    table.add_row("found and of the right side", *(f"{c.kinds['all'].right:.1%}" for c in columns))
    table.add_row("of what is found, a hand", *(f"{each.precision:.1%}" for each in columns))
    table.add_row(
        "pictures without hands in which one is found",
        *(f"{each.ghost_pictures} of {each.pictures_without}" for each in columns),
    )
    console.print(table)
