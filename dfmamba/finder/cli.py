"""The finder's command beside training and measuring: look at made scenes."""

import logging
from pathlib import Path

import numpy as np

from dfmamba.errors import check_above_zero
from dfmamba.finder.decode import decoded
from dfmamba.finder.scenes import SceneConfig, Scenes
from dfmamba.finder.sheet import sheet
from dfmamba.finder.weights import load_finder
from dfmamba.images import write_picture

log = logging.getLogger(__name__)


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
