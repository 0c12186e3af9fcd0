"""The commands that prepare photographs: labels, crops, backgrounds."""

from pathlib import Path

from rich.console import Console

from dfmamba.data.hand_free import hand_free
from dfmamba.data.labelled import LabelledPhotographs
from dfmamba.data.labels import Labels, label_folder
from dfmamba.data.missed import LEAST_SCORE, Consensus
from dfmamba.data.pack import fitted, pack_crops
from dfmamba.data.splits import Split, split_of
from dfmamba.data.whole import pack_whole
from dfmamba.errors import UserError, check_above_zero
from dfmamba.images import write_picture
from dfmamba.pipeline.finder import FinderDetector
from dfmamba.pipeline.reader import HandReader
from dfmamba.synth.surface.textures import BACKGROUND_SIZE
from dfmamba.weights import LIGHT_WEIGHTS, open_network


def label(folder: Path, out: Path) -> None:
    """Label a folder of photographs with MediaPipe; a stopped run goes on where it ended.

    Args:
        folder: the photographs, .jpg or .png.
        out: the labels' file, .npz; it also holds how well the labels of each picture, its mirror
            image and turned copies agree.
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
    """Cut labelled photographs into crops of hands, to train on or to measure with.

    Args:
        folder: the photographs.
        labels: their labels, as `label` made them.
        out: the pack to write, .npz.
        split: the pictures to train on, or those kept to measure with; never both of one person.
            To train on, joints in 3D are those of the hand model, fitted to MediaPipe's.
        size: the crops' edge, pixels.
        margin: their edge over that of the network's crop; 1.5 for training, which
            turns and moves them, 1 for measuring.
    """
    check_above_zero(size=size, margin=margin)
    known = split_of(Labels.load(labels), folder.name, split)
    pack = pack_crops(LabelledPhotographs(known, folder), size, margin)
    if split == "training":
        pack = fitted(pack)
    pack.save(out)
    Console().print(f"{len(pack)} hands: {out}")


def whole(
    labels: Path,
    folder: Path,
    out: Path,
    least_hands: int = 1,
    finder: Path | None = None,
    weights: Path = LIGHT_WEIGHTS,
) -> None:
    """Pack whole labelled photographs for `train_finder`, those kept from training left out.

    Args:
        labels: the joints that `label` found in the folder.
        folder: the photographs.
        out: the pack to write.
        least_hands: leave out pictures in which fewer hands were found.
        finder: weights of an earlier finder, to add the hands that MediaPipe missed.
        weights: of the hand network that has to see these hands as well.
    """
    check_above_zero(least_hands=least_hands)
    consensus = None
    if finder is not None:
        reader = HandReader(open_network(weights).network, "cpu")
        consensus = Consensus(FinderDetector(finder, least_score=LEAST_SCORE), reader)
    pack = pack_whole(Labels.load(labels), folder, least_hands, consensus)
    pack.save(out)
    hands, pictures = int(pack.agreed.sum()), len(pack.ends)
    Console().print(
        f"{pictures} pictures with {len(pack.agreed)} hands, "
        f"{len(pack.agreed) - hands} of them to be ignored: {out}"
    )


def backgrounds(folder: Path, labels: Path, out: Path, count: int = 300) -> None:
    """Cut parts without hands out of photographs, as backgrounds of made pictures.

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
