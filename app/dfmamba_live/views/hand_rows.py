"""Two rows under a timeline: in which frames each hand was found, and how sure the network was."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from dfmamba_live.review import LOW_CONFIDENCE, Overview

LEVELS = np.array([0.0, LOW_CONFIDENCE, LOW_CONFIDENCE + 0.01, 1.0])
COLOURS = np.array([(226, 72, 72), (240, 110, 72), (242, 180, 64), (112, 200, 120)], np.float64)
"""Red under the threshold of low confidence, amber just above, green when sure."""
FIRST = 0.45
"""How opaque an estimate is that is not settled."""
NONE = (128, 136, 148, 90)
"""A frame that was looked at and holds no such hand."""


def columns(overview: Overview, width: int) -> tuple[NDArray[np.float64], ...]:
    """An overview in `width` columns: confidence (2, W), the least of a column's frames, seen (W,).

    The third one, settled (W,), is 1 where all frames of a column are.
    """
    frames = len(overview.seen)
    starts = np.arange(width) * frames // width
    with np.errstate(invalid="ignore"):
        least = np.fmin.reduceat(overview.confidence.astype(np.float64), starts, axis=1)
    seen = np.maximum.reduceat(overview.seen.astype(np.float64), starts)
    return least, seen, np.minimum.reduceat(overview.settled.astype(np.float64), starts)


def draw_rows(overview: Overview, width: int, height: int) -> QImage:
    """Two rows, the left hand above: bars as high, and as green, as the network was sure."""
    least, seen, settled = columns(overview, width)
    half = height // 2
    pixels = np.zeros((2 * half, width, 4), np.uint8)
    up = 1 - (np.arange(half)[:, None] + 0.5) / half
    for row, sure in enumerate(least):
        here = pixels[row * half : (row + 1) * half]
        here[-2:, seen > 0] = NONE
        found = np.isfinite(sure)
        colours = np.stack([np.interp(sure[found], LEVELS, each) for each in COLOURS.T], axis=-1)
        opacity = 255 * np.where(settled[found] > 0, 1.0, FIRST)
        bars = np.broadcast_to(np.c_[colours, opacity].astype(np.uint8), (half, found.sum(), 4))
        high = up <= np.maximum(sure[found], 0.12)
        here[:, found] = np.where(high[..., None], bars, here[:, found])
    return QImage(pixels.data, width, 2 * half, QImage.Format.Format_RGBA8888).copy()
