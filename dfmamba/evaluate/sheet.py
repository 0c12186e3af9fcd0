"""Contact sheets of crops: the network's joints in the palette, the labelled ones in white."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.data.crops import Crops
from dfmamba.hand import BONES, JOINT_COLOURS
from dfmamba.metrics import known_mean, palm_width
from dfmamba.opencv import SHIFT, opencv_points

TILE = 256
CAPTION = 22
COLUMNS = 8
COUNT = 48
SPACE_COLUMNS = 3
SPACE_COUNT = 24
PALM = TILE / 2.6
"""The length of a palm in views of the joints in 3D, pixels: a stretched hand has room."""
FRONT, SIDE = [0, 1], [2, 1]
"""The axes that lie to the right and down."""
_WHITE = (255, 255, 255)


def worst(errors: NDArray[np.float64], count: int = COUNT) -> NDArray[np.intp]:
    """Indices of the `count` hands with the largest mean of errors (N, 21), worst first."""
    return np.argsort(-known_mean(errors, 1), kind="stable")[:count]


def overlay_sheet(
    crops: Crops,
    joints_px: NDArray[np.float64],
    errors: NDArray[np.float64],
    chosen: NDArray[np.intp],
) -> NDArray[np.uint8]:
    """One RGB picture of the chosen crops, captioned with each hand's mean error in percent.

    joints_px (N, 21, 2): the network's, crop pixels. errors (N, 21): shares of the box's side, nan
    where a joint has no label.
    """
    zoom = TILE / crops.images.shape[1]
    tiles = []
    for i in chosen:
        picture = _enlarged(crops.images[i])
        known = crops.weights_2d[i] > 0
        _draw(picture, joints_px[i] * zoom, crops.joints_px[i] * zoom, known)
        tiles.append(_captioned(picture, f"{known_mean(errors[i]):.1%}  {_name(crops, i)}"))
    return _grid(tiles, COLUMNS)


def space_sheet(
    crops: Crops, joints: NDArray[np.float64], chosen: NDArray[np.intp]
) -> NDArray[np.uint8]:
    """One RGB picture of the chosen crops, each beside its hands in 3D, all at one scale.

    They are seen from the front, as the camera sees them, and from the side, with the camera on
    the left; the caption gives both palms' widths. joints (N, 21, 3): the network's,
    wrist-relative, palm units, facing the crop.
    """
    own, labelled = palm_width(joints), palm_width(crops.joints)
    tiles = []
    for i in chosen:
        known = crops.weights_3d[i] > 0
        views = [
            _view(joints[i][:, axes], crops.joints[i][:, axes], known) for axes in (FRONT, SIDE)
        ]
        caption = f"palm {own[i]:.2f}, labelled {labelled[i]:.2f}  {_name(crops, i)}"
        picture = np.hstack([_enlarged(crops.images[i]), *views])
        tiles.append(_captioned(picture, f"{caption}   front, side"))
    return _grid(tiles, SPACE_COLUMNS)


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


def _name(crops: Crops, index: int) -> str:
    return Path(str(crops.files[index])).stem[-14:]


def _grid(tiles: list[NDArray[np.uint8]], columns: int) -> NDArray[np.uint8]:
    tiles = tiles + [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
    return np.vstack(rows)


def _enlarged(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(crop, (TILE, TILE), interpolation=cv2.INTER_CUBIC), np.uint8)


def _view(
    joints: NDArray[np.float64], labelled: NDArray[np.float64], known: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Both hands (21, 2), palm units, with their wrists in one place, on a black tile."""
    both = np.concatenate([joints, labelled[known]])
    middle = (both.min(axis=0) + both.max(axis=0)) / 2
    picture = np.zeros((TILE, TILE, 3), np.uint8)
    own_px, labelled_px = ((hand - middle) * PALM + TILE / 2 for hand in (joints, labelled))
    _draw(picture, own_px, labelled_px, known)
    return picture


def _draw(
    picture: NDArray[np.uint8],
    joints_px: NDArray[np.float64],
    labelled_px: NDArray[np.float64],
    known: NDArray[np.bool_],
) -> None:
    """Draw the labelled bones whose ends are known (21,), and the network's hand over them."""
    style = {"lineType": cv2.LINE_AA, "shift": SHIFT}
    labelled, own = opencv_points(labelled_px), opencv_points(joints_px)
    for parent, child in BONES:
        if known[parent] and known[child]:
            cv2.line(picture, labelled[parent], labelled[child], _WHITE, 1, **style)
    for parent, child in BONES:
        cv2.line(picture, own[parent], own[child], JOINT_COLOURS[child], 2, **style)
    for joint, colour in zip(own, JOINT_COLOURS, strict=True):
        cv2.circle(picture, joint, 3 << SHIFT, colour, -1, **style)


def _captioned(picture: NDArray[np.uint8], caption: str) -> NDArray[np.uint8]:
    strip = np.zeros((CAPTION, picture.shape[1], 3), np.uint8)
    cv2.putText(strip, caption, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _WHITE, 1, cv2.LINE_AA)
    return np.vstack([picture, strip])
