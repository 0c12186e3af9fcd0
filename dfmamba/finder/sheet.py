"""A contact sheet of frames with their hands, to be looked at."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.finder.decode import Found
from dfmamba.finder.frames import Frames
from dfmamba.hand import SIDE_COLOURS

Bytes = NDArray[np.uint8]


def sheet(frames: Frames, columns: int, found: list[Found] | None = None) -> Bytes:
    """Frames as one RGB picture: thin boxes are true hands, grey if ignored; thick ones found."""
    tiles = [_tile(frames, row, found[row] if found else None) for row in range(len(frames.images))]
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    return np.vstack([row for row in rows if row.shape == rows[0].shape])


def _tile(frames: Frames, row: int, found: Found | None) -> Bytes:
    shown = 255 * frames.images[row].permute(1, 2, 0).cpu().numpy()
    image = np.asarray(np.ascontiguousarray(shown.clip(0, 255)), np.uint8)
    hands = [part[row].cpu().numpy() for part in frames.hands]
    for palm, box, along, right, counts, ignored, _ in zip(*hands, strict=True):
        if counts or ignored:
            colour = SIDE_COLOURS["right" if right > 0.5 else "left"] if counts else (128, 128, 128)
            _draw(image, box, palm, along, colour, 1)
    if found is not None:
        for score, palm, box, direction, right in zip(*found, strict=True):
            colour = SIDE_COLOURS["right" if right > 0.5 else "left"]
            along = direction * 0.4 * (box[2:] - box[:2]).max()
            _draw(image, box, palm, along, colour, 2)
            corner = (int(box[0]), max(int(box[1]) - 2, 8))
            cv2.putText(image, f"{score:.2f}", corner, cv2.FONT_HERSHEY_PLAIN, 0.8, colour)
    return image


def _draw(
    image: Bytes, box: NDArray[np.floating[Any]], palm: NDArray[np.floating[Any]],
    along: NDArray[np.floating[Any]], colour: tuple[int, int, int], thick: int,
) -> None:  # fmt: skip
    x0, y0, x1, y1 = (int(v) for v in box)
    cv2.rectangle(image, (x0, y0), (x1, y1), colour, thick)
    start, end = (tuple(int(v) for v in p) for p in (palm, palm + along))
    cv2.arrowedLine(image, start, end, (255, 60, 60), thick)
