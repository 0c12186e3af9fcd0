"""The commands that measure a network and prepare photographs for it."""

from pathlib import Path

import numpy as np
from rich.console import Console

from dfmamba.data.crops import Crops
from dfmamba.data.hand_free import hand_free
from dfmamba.data.labelled import LabelledPhotographs
from dfmamba.data.labels import Labels, label_folder
from dfmamba.data.pack import fitted, pack_crops
from dfmamba.data.splits import Split, split_of
from dfmamba.device import DeviceName, open_device
from dfmamba.errors import UserError, check_above_zero
from dfmamba.evaluate.measurements import measurements
from dfmamba.evaluate.reliability import reliability_plot
from dfmamba.evaluate.report import Report, machine, save_page, tables, versions
from dfmamba.evaluate.sheet import COLUMNS, side_by_side
from dfmamba.evaluate.synthetic import to_bytes
from dfmamba.images import write_picture
from dfmamba.synth import SynthConfig, TrainingPictures
from dfmamba.synth.surface.textures import BACKGROUND_SIZE
from dfmamba.weights import open_network


def evaluate(
    weights: Path | None = None,
    data: Path | None = None,
    labels: Path | None = None,
    count: int = 4096,
    out: Path = Path("runs/evaluation"),
    device: DeviceName = "auto",
) -> Report:
    """Measure a network on held-out synthetic hands, on photographs and on depth pictures.

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


def label(folder: Path, out: Path) -> None:
    """Let MediaPipe label a folder of photographs; a stopped run goes on where it ended.

    Each picture is shown as it is, mirrored, and turned both ways; how well the answers agree is
    kept with the labels.

    Args:
        folder: the photographs, .jpg or .png.
        out: the labels' file, .npz.
    """
    labels = label_folder(folder, out)
    found = len(set(labels.files.tolist()))
    Console().print(
        f"{len(labels)} hands in {found} of {len(labels.pictures)} pictures, "
        f"{labels.agreed.sum()} of them agreed upon: {out}"
    )


def crops(
    folder: Path,
    labels: Path,
    out: Path,
    split: Split = "training",
    size: int = 288,
    margin: float = 1.5,
) -> None:
    """Pack the labelled hands of a folder of photographs, to train on or to measure against.

    To train on, the hand model is fitted to MediaPipe's joints, for better ones in space.

    Args:
        folder: the photographs.
        labels: their labels, as `label` made them.
        out: the pack to write, .npz.
        split: the pictures to train on, or those kept to measure with; never both of one person.
        size: the crops' edge, pixels.
        margin: their edge over that of the network's crop; training wants room to turn them, 1.5,
            measuring wants 1.
    """
    check_above_zero(size=size, margin=margin)
    known = split_of(Labels.load(labels), folder.name, split)
    pack = pack_crops(LabelledPhotographs(known, folder), size, margin)
    if split == "training":
        pack = fitted(pack)
    pack.save(out)
    Console().print(f"{len(pack)} hands: {out}")


def backgrounds(folder: Path, labels: Path, out: Path, count: int = 300) -> None:
    """Cut parts without hands out of labelled photographs, as backgrounds of made pictures.

    Args:
        folder: the photographs.
        labels: their labels, as `label` made them; only scenes that may be trained on count.
        out: a folder for the pictures; put it into the data folder as bg/photos.
        count: how many.
    """
    check_above_zero(count=count)
    known = split_of(Labels.load(labels), folder.name, "training")
    parts = hand_free(known, folder, count, BACKGROUND_SIZE)
    if not len(parts):
        raise UserError(f"no picture in {folder} has room beside its hands; give other photographs")
    for index, picture in enumerate(parts):
        write_picture(picture.transpose(1, 2, 0), out / f"{folder.name}_{index:04}.png")
    Console().print(f"{len(parts)} pictures: {out}")


def beside(
    packs: tuple[Path, ...], out: Path, data: Path | None = None, rows: int = 8, seed: int = 0
) -> None:
    """Lay training pictures beside crops of real photographs: can you tell which are which?

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
