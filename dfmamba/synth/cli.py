"""The synth commands: bake hand and things, pack textures, draw a contact sheet and the clip."""

import logging
from pathlib import Path

from dfmamba.errors import check_above_zero
from dfmamba.images import write_picture
from dfmamba.synth.clip import render_clip
from dfmamba.synth.hand.bake import bake as bake_hand
from dfmamba.synth.hand.hand_model import HandArrays
from dfmamba.synth.pictures import SynthConfig, TrainingPictures
from dfmamba.synth.sheet import contact_sheet
from dfmamba.synth.surface.textures import Textures
from dfmamba.synth.things.shapes import BAKED_SHAPES
from dfmamba.synth.things.shrinkwrap import bake_shapes

log = logging.getLogger(__name__)


def bake(out: Path | None = None) -> None:
    """Prepare the hand model and the shapes of objects, once, in minutes.

    Args:
        out: the hand's array file; without it, the one in the user's cache. Shapes go beside it.
    """
    hand = bake_hand(out)
    bake_shapes(hand.with_name(BAKED_SHAPES))


def pack(data: Path, out: Path, hand: Path | None = None) -> None:
    """Pack the textures of a data folder into one small file: skins, backgrounds, light, hands.

    Args:
        data: the folder with skins/ and bg/, and hands/ if there is one.
        out: the pack to write; give it as --data later.
        hand: the baked hand; without it, the one in the user's cache.
    """
    Textures.load(data, HandArrays.load(hand), "cpu").save(out)
    log.info("wrote %s", out)


def sheet(
    out: Path,
    data: Path | None = None,
    hand: Path | None = None,
    count: int = 64,
    seed: int = 0,
    held_out: bool = False,
) -> None:
    """Draw training pictures on one sheet, each plain and with its joints.

    Args:
        out: the picture to write.
        data: the folder with skins/ and bg/, or a pack; without it textures are made up.
        hand: the baked hand; without it, the one in the user's cache.
        count: how many pictures.
        seed: another seed gives other pictures.
        held_out: identities, skins, backgrounds and poses that training never sees.
    """
    check_above_zero(count=count)
    pictures = TrainingPictures(SynthConfig(held_out=held_out, hand=hand), data, seed=seed)
    columns = min(count, 6)
    write_picture(contact_sheet(pictures, -(-count // columns), columns), out)
    log.info("wrote %s", out)


def clip(out: Path, data: Path | None = None, hand: Path | None = None) -> None:
    """Render the built-in clip.

    Args:
        out: the video to write, .mp4.
        data: the folder with skins/ and bg/, or a pack; without it textures are made up.
        hand: the baked hand; without it, the one in the user's cache.
    """
    render_clip(out, data, hand)
    log.info("wrote %s", out)
