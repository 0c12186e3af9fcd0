"""Contact sheets: real crops with the network's joints in the palette, MediaPipe's in white."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.evaluate.crops import Crops
from dfmamba.hand import BONES, JOINT_COLOURS
from dfmamba.opencv import SHIFT, opencv_points

TILE = 256
CAPTION = 22
COLUMNS = 8
COUNT = 48
_WHITE = (255, 255, 255)


def evenly(total: int, count: int = COUNT) -> NDArray[np.intp]:
    """Up to `count` indices, evenly spread over 0 to `total` - 1."""
    return np.linspace(0, total - 1, min(count, total)).round().astype(np.intp)


def worst(errors: NDArray[np.float64], count: int = COUNT) -> NDArray[np.intp]:
    """Indices of the `count` hands with the largest mean of errors (N, 21), worst first."""
    return np.argsort(-errors.mean(axis=1), kind="stable")[:count]


def contact_sheet(
    crops: Crops,
    joints_px: NDArray[np.float64],
    errors: NDArray[np.float64],
    chosen: NDArray[np.intp],
) -> NDArray[np.uint8]:
    """One RGB picture of the chosen crops, captioned with each hand's mean error in percent.

    joints_px (N, 21, 2): the network's, crop pixels. errors (N, 21): shares of the box's side.
    """
    tiles = [
        _tile(crops.images[i], joints_px[i], crops.joints_px[i], _caption(crops, errors, i))
        for i in chosen
    ]
    blank = np.zeros_like(tiles[0])
    tiles += [blank] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[start : start + COLUMNS]) for start in range(0, len(tiles), COLUMNS)]
    return np.vstack(rows)


def side_by_side(
    made: NDArray[np.uint8], real: NDArray[np.uint8], columns: int = COLUMNS
) -> NDArray[np.uint8]:
    """Made pictures on the left, real ones on the right: two squares of tiles, RGB.

    made, real (N, S, S, 3): of one size; N is a multiple of `columns`.
    """
    rows, size = len(made) // columns, made.shape[1]
    blocks = [
        each.reshape(rows, columns, size, size, 3).swapaxes(1, 2).reshape(rows * size, -1, 3)
        for each in (made, real)
    ]
    gap = np.full((rows * size, size // 4, 3), 255, np.uint8)
    return np.hstack([blocks[0], gap, blocks[1]])


def _caption(crops: Crops, errors: NDArray[np.float64], index: int) -> str:
    return f"{errors[index].mean():.1%}  {Path(str(crops.files[index])).stem[-14:]}"


def _tile(
    crop: NDArray[np.uint8],
    joints_px: NDArray[np.float64],
    teacher_px: NDArray[np.float64],
    caption: str,
) -> NDArray[np.uint8]:
    zoom = TILE / len(crop)
    enlarged = cv2.resize(crop, (TILE, TILE), interpolation=cv2.INTER_CUBIC)
    picture = np.asarray(enlarged, np.uint8)
    style = {"lineType": cv2.LINE_AA, "shift": SHIFT}
    teacher, own = opencv_points(teacher_px * zoom), opencv_points(joints_px * zoom)
    for parent, child in BONES:
        cv2.line(picture, teacher[parent], teacher[child], _WHITE, 1, **style)
    for parent, child in BONES:
        cv2.line(picture, own[parent], own[child], JOINT_COLOURS[child], 2, **style)
    for joint, colour in zip(own, JOINT_COLOURS, strict=True):
        cv2.circle(picture, joint, 3 << SHIFT, colour, -1, **style)
    strip = np.zeros((CAPTION, TILE, 3), np.uint8)
    cv2.putText(strip, caption, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _WHITE, 1, cv2.LINE_AA)
    return np.vstack([picture, strip])
