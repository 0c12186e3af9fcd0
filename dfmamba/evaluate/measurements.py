"""What `evaluate` measures: each yields its part of the report, and sheets to look at."""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from rich.console import Console

from dfmamba.data.crops import Crops, evenly
from dfmamba.data.dataset import DataSet
from dfmamba.data.hand_free import hand_free
from dfmamba.data.labelled import LabelledPhotographs
from dfmamba.data.labels import label_folder
from dfmamba.data.pack import pack_crops
from dfmamba.data.real_hands import MarkedPicture, marked_pictures, there
from dfmamba.data.splits import split_of
from dfmamba.evaluate.agreement_2d import image_errors, summarise
from dfmamba.evaluate.agreement_3d import space_agreement
from dfmamba.evaluate.breakdown import breakdown
from dfmamba.evaluate.depth import depth_crops, depth_hands, skin_distances
from dfmamba.evaluate.found import found_figures, seen_by, shown_by
from dfmamba.evaluate.heads import heads
from dfmamba.evaluate.predict import Prediction, predict_crops
from dfmamba.evaluate.reliability import reliability
from dfmamba.evaluate.report import Figures
from dfmamba.evaluate.sheet import COUNT, SPACE_COUNT, overlay_sheet, space_sheet, worst
from dfmamba.evaluate.synthetic import Measured, measure_by, synthetic_figures
from dfmamba.images import Picture
from dfmamba.metrics import Doubles, box_share_error, palm_units
from dfmamba.model import HandNetwork
from dfmamba.model.confidence import RIGHT_WITHIN
from dfmamba.pipeline import HandEstimator
from dfmamba.pipeline.landmarker import Landmarker
from dfmamba.synth import SynthConfig, TrainingPictures

PHOTOGRAPHS = ("photos", "digits")
"""The folders of photographs, in a data folder's real/."""
SEED = 20_000


class Measurement(NamedTuple):
    """What one measurement found."""

    figures: Figures
    """Its part of the report."""
    sheets: dict[str, Picture]
    """Pictures to look at, RGB, by the names of their files without the ending."""


Measure: TypeAlias = Callable[[HandNetwork], Measurement]


def measurements(
    data: Path | None, labels: Path, count: int, console: Console
) -> Iterable[Measure]:
    """All that can be measured with a data folder, or without one; arguments as in `evaluate`."""
    yield MadeHands(data, count, console)
    if data is None:
        return
    real = data / "real"
    found = [name for name in PHOTOGRAPHS if (real / name).is_dir()]
    if not found:
        console.print(f"no photographs: {real} has no {' and no '.join(PHOTOGRAPHS)}")
    for name in found:
        yield PhotographFolder(real / name, labels / f"{name}.npz")
    if (real / "depth").is_dir():
        yield DepthPictures(real / "depth")
    pictures = there(marked_pictures("figure"), real)
    if pictures:
        yield MarkedHands(pictures, real)


@dataclass(frozen=True)
class MadeHands:
    """Errors on held-out made hands, by read-out and by what the pictures show."""

    data: Path | None
    """The folder with skins and backgrounds; None: procedural ones."""
    count: int
    """How many pictures."""
    console: Console
    """Where the progress is shown."""

    def __call__(self, network: HandNetwork) -> Measurement:
        """Make the pictures and measure."""
        config = SynthConfig(size=network.config.input_size, held_out=True)
        device = next(network.parameters()).device
        pictures = TrainingPictures(config, self.data, device, SEED)
        by_method = measure_by(network, pictures, self.count, network.read_outs, self.console)
        usual = by_method[network.read_outs[0]]
        figures = Figures(
            synthetic={method: synthetic_figures(each) for method, each in by_method.items()},
            groups=breakdown(usual),
            reliability={"synthetic": reliability(usual.confidence, usual.shares < RIGHT_WITHIN)},
        )
        return Measurement(
            figures, _overlays("synthetic", _true(usual), usual.joints_px, usual.shares)
        )


def _true(made: Measured) -> Crops:
    """Made pictures with their true joints."""
    count = len(made.images)
    every, sides = np.ones((count, made.true_px.shape[1])), np.full(count, "right")
    names = np.array([str(row) for row in range(count)])
    joints = palm_units(made.true_mm)
    return Crops(made.images, made.true_px, every, joints, every, names, sides)


@dataclass(frozen=True)
class PhotographFolder:
    """Agreement with MediaPipe on the photographs of a folder that are kept from training."""

    folder: Path
    """The photographs."""
    labels: Path
    """Their labels' file; what is missing in it is labelled first."""

    def __call__(self, network: HandNetwork) -> Measurement:
        """Measure on crops of the hands, and on parts of the photographs without hands."""
        known = split_of(label_folder(self.folder, self.labels), self.folder.name, "validation")
        size = network.config.input_size
        crops = pack_crops(LabelledPhotographs(known, self.folder), size)
        found = predict_crops(network, crops.images)
        measured = agreements(self.folder.name, crops, found)
        parts = hand_free(known, self.folder, len(crops), (size, size)).transpose(0, 2, 3, 1)
        measured.figures.heads[self.folder.name] = heads(network, crops.images, found, parts)
        return measured


def measured_on(data: DataSet, network: HandNetwork) -> Measurement:
    """Agreement with the labels of any data set, over the joints that it has labels of."""
    crops = pack_crops(data, network.config.input_size)
    return agreements(data.name, crops, predict_crops(network, crops.images))


def agreements(name: str, crops: Crops, found: Prediction) -> Measurement:
    """How far what was found in crops is from their labels, in the image and in 3D."""
    errors, known = image_errors(found, crops), crops.weights_2d > 0
    figures = Figures(
        real={name: summarise(errors)},
        reliability={name: reliability(found.confidence[known], errors[known] < RIGHT_WITHIN)},
    )
    sheets = _overlays(name, crops, found.joints_px, errors)
    space = space_agreement(found, crops)
    if space is not None:
        figures.space[name] = space
        chosen = evenly(len(crops), SPACE_COUNT)
        sheets[f"{name}_space"] = space_sheet(crops, found.joints, chosen)
    return Measurement(figures, sheets)


@dataclass(frozen=True)
class DepthPictures:
    """Distances to the skin of hands that a depth camera has measured."""

    folder: Path
    """The depth pictures."""

    def __call__(self, network: HandNetwork) -> Measurement:
        """Measure; without a hand in any picture there are no figures."""
        hands = depth_hands(self.folder)
        if not hands:
            return Measurement(Figures(), {})
        crops = depth_crops(hands, network.config.input_size)
        found = predict_crops(network, crops.images)
        errors = box_share_error(found.joints_px, crops.joints_px)
        sheet = overlay_sheet(crops, found.joints_px, errors, evenly(len(hands), COUNT))
        figures = Figures(skin=skin_distances(hands, crops, found))
        return Measurement(figures, {"depth_sheet": sheet})


@dataclass(frozen=True)
class MarkedHands:
    """How many real hands, marked by eye, are found and shown, by us and by MediaPipe."""

    pictures: tuple[MarkedPicture, ...]
    """Those that serve for figures."""
    real: Path
    """The folder that their files lie in."""

    def __call__(self, network: HandNetwork) -> Measurement:
        """Run the whole pipeline, and MediaPipe alone, on each picture by itself."""
        with (
            closing(HandEstimator(network, next(network.parameters()).device)) as estimator,
            Landmarker() as landmarker,
        ):
            finders = {"network": shown_by(estimator), "MediaPipe": seen_by(landmarker)}
            found = {
                name: found_figures(finder, self.pictures, self.real)
                for name, finder in finders.items()
            }
        return Measurement(Figures(found=found), {})


def _overlays(name: str, crops: Crops, joints_px: Doubles, errors: Doubles) -> dict[str, Picture]:
    """Sheets of hands from all over the set, and of the worst."""
    chosen = {"sheet": evenly(len(crops), COUNT), "worst": worst(errors)}
    return {
        f"{name}_{kind}": overlay_sheet(crops, joints_px, errors, rows)
        for kind, rows in chosen.items()
    }
