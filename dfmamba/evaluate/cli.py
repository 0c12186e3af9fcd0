"""The commands that measure a network and prepare photographs for it."""

from pathlib import Path

import numpy as np
from rich.console import Console

from dfmamba.data.crops import Crops
from dfmamba.data.labels import Labels, label_folder
from dfmamba.data.pack import fitted, hand_free, pack_crops
from dfmamba.data.splits import Part, part_of
from dfmamba.device import DeviceName, open_device
from dfmamba.errors import UserError, check_above_zero
from dfmamba.evaluate.agreement_2d import agreement
from dfmamba.evaluate.agreement_3d import space_agreement
from dfmamba.evaluate.breakdown import breakdown
from dfmamba.evaluate.depth import depth_crops, depth_hands, skin_distances
from dfmamba.evaluate.heads import heads
from dfmamba.evaluate.predict import METHODS, predict_crops
from dfmamba.evaluate.reliability import reliability, reliability_plot
from dfmamba.evaluate.report import Report, machine, save_page, tables, versions
from dfmamba.evaluate.sheet import (
    COLUMNS,
    SPACE_COUNT,
    contact_sheet,
    evenly,
    side_by_side,
    space_sheet,
    worst,
)
from dfmamba.evaluate.synthetic import Measured, measure_by, synthetic_figures, to_bytes
from dfmamba.images import write_picture
from dfmamba.metrics import box_share_error, palm_units
from dfmamba.model import HandNetwork
from dfmamba.model.confidence import RIGHT_WITHIN
from dfmamba.synth import SynthConfig, TrainingPictures
from dfmamba.synth.surface.textures import BACKGROUND_SIZE
from dfmamba.weights import describe, load_network

PHOTOGRAPHS = ("photos", "digits")
SEED = 20_000


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
    out.mkdir(parents=True, exist_ok=True)  # what is in the way is told before any work
    target = open_device(device)
    network = load_network(weights, target)
    size = network.config.input_size
    console = Console()

    if data is not None and not any((data / "real" / name).is_dir() for name in PHOTOGRAPHS):
        console.print(f"no photographs: {data / 'real'} has no {' and no '.join(PHOTOGRAPHS)}")
    pictures = TrainingPictures(SynthConfig(size=size, held_out=True), data, target, SEED)
    by_method = measure_by(network, pictures, count, METHODS, console)
    made = by_method["soft"]
    report = Report(
        weights=describe(weights),
        machine=machine(target),
        versions=versions(),
        synthetic={method: synthetic_figures(each) for method, each in by_method.items()},
        groups=breakdown(made),
    )
    report.reliability["synthetic"] = reliability(made.confidence, made.shares < RIGHT_WITHIN)
    _synthetic_sheets(made, out)
    if data is not None:
        _real(report, network, data / "real", labels or out, out)
        if (data / "real" / "depth").is_dir():
            _depth(report, network, data / "real" / "depth", out)
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
    part: Part = "training",
    size: int = 288,
    margin: float = 1.5,
) -> None:
    """Pack the labelled hands of a folder of photographs, to train on or to measure against.

    To train on, the hand model is fitted to MediaPipe's joints, for better ones in space.

    Args:
        folder: the photographs.
        labels: their labels, as `label` made them.
        out: the pack to write, .npz.
        part: whole scenes go to the one part or to the other.
        size: the crops' edge, pixels.
        margin: their edge over that of the network's crop; training wants room to turn them, 1.5,
            measuring wants 1.
    """
    check_above_zero(size=size, margin=margin)
    pack = pack_crops(part_of(Labels.load(labels), part), folder, size, margin)
    if part == "training":
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
    parts = hand_free(part_of(Labels.load(labels), "training"), folder, count, BACKGROUND_SIZE)
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


def _real(report: Report, network: HandNetwork, folder: Path, labels: Path, out: Path) -> None:
    for name in PHOTOGRAPHS:
        if not (folder / name).is_dir():
            continue
        known = part_of(label_folder(folder / name, labels / f"{name}.npz"), "validation")
        pack = pack_crops(known, folder / name, network.config.input_size)
        found = predict_crops(network, pack.images)
        errors = box_share_error(found.joints_px, pack.joints_px)
        report.real[name] = agreement(found, pack)
        report.space[name] = space_agreement(found, pack)
        size = (network.config.input_size,) * 2
        parts = hand_free(known, folder / name, len(pack), size).transpose(0, 2, 3, 1)
        report.heads[name] = heads(network, pack.images, found, parts)
        report.reliability[name] = reliability(found.confidence, errors < RIGHT_WITHIN)
        for kind, chosen in (("sheet", evenly(len(pack))), ("worst", worst(errors))):
            write_picture(
                contact_sheet(pack, found.joints_px, errors, chosen), out / f"{name}_{kind}.png"
            )
        chosen = evenly(len(pack), SPACE_COUNT)
        write_picture(space_sheet(pack, found.joints, chosen), out / f"{name}_space.png")


def _synthetic_sheets(made: Measured, out: Path) -> None:
    names = np.array([f"{row}" for row in range(len(made.images))])
    sides = np.full(len(names), "right")
    crops = Crops(made.images, made.true_px, palm_units(made.true_mm), names, sides)
    for kind, chosen in (("sheet", evenly(len(crops))), ("worst", worst(made.shares))):
        sheet = contact_sheet(crops, made.joints_px, made.shares, chosen)
        write_picture(sheet, out / f"synthetic_{kind}.png")


def _depth(report: Report, network: HandNetwork, folder: Path, out: Path) -> None:
    hands = depth_hands(folder)
    if not hands:
        return
    crops = depth_crops(hands, network.config.input_size)
    found = predict_crops(network, crops.images)
    report.skin.update(skin_distances(hands, crops, found))
    errors = box_share_error(found.joints_px, crops.joints_px)
    sheet = contact_sheet(crops, found.joints_px, errors, evenly(len(hands)))
    write_picture(sheet, out / "depth_sheet.png")
