"""Cuts labelled photographs into crops."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError
from dfmamba.evaluate.crops import Crops
from dfmamba.evaluate.labels import Labels, read_picture
from dfmamba.evaluate.metrics import box_sides
from dfmamba.pipeline.detect import crop_of

LEAST_SCORE = 0.8
LEAST_SIDE_PX = 24.0
LEAST_JOINTS_INSIDE = 16


def pack_crops(labels: Labels, folder: Path, size: int = 128, count: int | None = None) -> Crops:
    """The hands of a labelled folder as crops of `size` pixels; left hands are mirrored.

    Leaves out labels that are likely wrong: a doubtful side, a tiny hand, one mostly outside the
    picture. `count` takes that many, evenly spread over the folder; None takes all.
    """
    labels = _spread(labels.select(labels.scores > LEAST_SCORE), count)
    images, joints, kept = [], [], []
    for index in range(len(labels)):
        path = folder / str(labels.files[index])
        if not path.is_file():
            raise UserError(f"{path} is labelled but missing; give the folder the labels are of")
        picture, joints_px = read_picture(path), labels.joints_px[index]
        if not _credible(joints_px, picture):
            continue
        crop = crop_of(joints_px, "left" if labels.sides[index] == "left" else "right")
        images.append(crop.extract(picture, size))
        joints.append(crop.to_crop(joints_px, size))
        kept.append(index)
    if not kept:
        raise UserError(f"no hand in {folder} is labelled well enough to be measured against")
    return Crops(np.stack(images), np.stack(joints), labels.files[kept], labels.sides[kept])


def _spread(labels: Labels, count: int | None) -> Labels:
    if count is None or count >= len(labels):
        return labels
    return labels.select(np.linspace(0, len(labels) - 1, count).round().astype(np.intp))


def _credible(joints_px: NDArray[np.float64], picture: NDArray[np.uint8]) -> bool:
    height, width = picture.shape[:2]
    inside = ((joints_px >= 0) & (joints_px < [width, height])).all(axis=1)
    return bool(
        inside.sum() >= LEAST_JOINTS_INSIDE and box_sides(joints_px[None])[0] >= LEAST_SIDE_PX
    )
