"""The finder's commands beside training: pack whole photographs, look at made scenes."""

import logging
from dataclasses import asdict
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from dfmamba.data.labels import Labels
from dfmamba.data.real_hands import Half, marked_pictures
from dfmamba.errors import check_above_zero
from dfmamba.evaluate.found import Finder, found_figures, seen_by
from dfmamba.finder.decode import LEAST_SCORE, MOST, decoded
from dfmamba.finder.detect import FinderDetector
from dfmamba.finder.measure import found_by, made_figures
from dfmamba.finder.scenes import SceneConfig, Scenes
from dfmamba.finder.sheet import sheet
from dfmamba.finder.weights import load_finder
from dfmamba.finder.whole import pack_whole
from dfmamba.images import write_picture
from dfmamba.pipeline.landmarker import Landmarker

log = logging.getLogger(__name__)


def whole(labels: Path, folder: Path, out: Path, least_hands: int = 1) -> None:
    """Pack whole labelled photographs for `train_finder`, those kept from training left out.

    Args:
        labels: the joints that `label` found in the folder.
        folder: the photographs.
        out: the pack to write.
        least_hands: leave out pictures in which fewer hands were found.
    """
    check_above_zero(least_hands=least_hands)
    pack = pack_whole(Labels.load(labels), folder, least_hands)
    pack.save(out)
    hands, pictures = int(pack.agreed.sum()), len(pack.ends)
    log.info("%d pictures with %d hands, %d of them to be ignored: %s",
             pictures, len(pack.agreed), len(pack.agreed) - hands, out)  # fmt: skip


def scenes(
    out: Path,
    data: Path | None = None,
    count: int = 64,
    seed: int = 0,
    held_out: bool = False,
    finder: Path | None = None,
) -> None:
    """Draw a contact sheet of made frames with their hands, and with those that a finder finds.

    Args:
        out: the picture to write.
        data: the folder with skins and backgrounds, or a pack; without it textures are made up.
        count: how many frames.
        seed: another seed gives other frames.
        held_out: identities, skins, backgrounds and poses that training never sees.
        finder: weights of a finder.
    """
    check_above_zero(count=count)
    frames = Scenes(SceneConfig(held_out=held_out), data, seed=seed).batch(count)
    found = decoded(load_finder(finder)(frames.images)) if finder else None
    write_picture(np.asarray(sheet(frames, min(count, 8), found), np.uint8), out)
    log.info("wrote %s", out)


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
