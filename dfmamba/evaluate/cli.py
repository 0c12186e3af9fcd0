"""`python -m dfmamba evaluate` and `label`: how good a network is, in figures and pictures."""

from pathlib import Path

from rich.console import Console

from dfmamba.device import DeviceName, open_device
from dfmamba.errors import UserError
from dfmamba.evaluate.labels import label_folder
from dfmamba.evaluate.metrics import box_share_error
from dfmamba.evaluate.pack import pack_crops
from dfmamba.evaluate.predict import Method, predict_crops
from dfmamba.evaluate.real import Agreement, summarise
from dfmamba.evaluate.report import Report, machine, tables, versions
from dfmamba.evaluate.sheet import contact_sheet, evenly, worst, write_png
from dfmamba.evaluate.synthetic import SyntheticFigures, synthetic_figures
from dfmamba.model import HandNetwork
from dfmamba.synth import SynthConfig, TrainingPictures
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
    """Measure a network on held-out synthetic hands and on real photographs.

    Args:
        weights: a weights file; the built-in one where it is left out.
        data: the folder with skins, backgrounds and real photographs; without it the synthetic
            pictures are procedural and there are no photographs.
        labels: the folder with MediaPipe's labels of the photographs; those that are missing are
            made. The output folder where it is left out.
        count: how many synthetic pictures.
        out: where report.json and the contact sheets go.
        device: where it runs; auto: the GPU if there is one.
    """
    if count < 1:
        raise UserError(f"--count is {count}; give at least 1")
    target = open_device(device)
    network = load_network(weights, target)
    size = network.config.input_size
    console = Console()

    def synthetic(method: Method) -> SyntheticFigures:
        # Made anew from the same seed: both read-outs see the same pictures.
        pictures = TrainingPictures(SynthConfig(size=size, held_out=True), data, target, SEED)
        with console.status(f"{count} synthetic pictures, {method} read-out"):
            return synthetic_figures(network, pictures, count, method)

    report = Report(
        weights=describe(weights),
        machine=machine(target),
        versions=versions(),
        synthetic={"soft": synthetic("soft"), "peak": synthetic("peak")},
        real={} if data is None else _real(network, data / "real", labels or out, out),
    )
    report.save(out / "report.json")
    console.print(*tables(report))
    return report


def label(folder: Path, out: Path) -> None:
    """Let MediaPipe label a folder of photographs; a stopped run goes on where it ended.

    Args:
        folder: the photographs, .jpg or .png.
        out: the labels' file, .npz.
    """
    labels = label_folder(folder, out)
    found = len(set(labels.files.tolist()))
    Console().print(f"{len(labels)} hands in {found} of {len(labels.pictures)} pictures: {out}")


def _real(network: HandNetwork, folder: Path, labels: Path, out: Path) -> dict[str, Agreement]:
    return {
        name: _photographs(network, folder / name, labels / f"{name}.npz", out)
        for name in PHOTOGRAPHS
        if (folder / name).is_dir()
    }


def _photographs(network: HandNetwork, folder: Path, labels: Path, out: Path) -> Agreement:
    crops = pack_crops(label_folder(folder, labels), folder, network.config.input_size)
    found = predict_crops(network, crops.images).joints_px
    errors = box_share_error(found, crops.joints_px)
    for kind, chosen in (("sheet", evenly(len(crops))), ("worst", worst(errors))):
        write_png(contact_sheet(crops, found, errors, chosen), out / f"{folder.name}_{kind}.png")
    return summarise(errors)
