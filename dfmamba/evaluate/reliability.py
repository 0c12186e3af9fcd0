"""Whether confidence means what it says: of joints told with 80%, are 80% right?"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.evaluate.metrics import Doubles

BINS = 10
EDGE, BORDER = 320, 44
INK, GRID, BARS = (40, 40, 40), (215, 215, 215), (70, 160, 245)


@dataclass(frozen=True)
class Reliability:
    """Joints in bins of equal count, the least sure first.

    told: the mean confidence of each bin, right: the share of its joints that are right, both 0 to
    1. error: the mean distance between them (expected calibration error).
    """

    told: tuple[float, ...]
    right: tuple[float, ...]
    error: float


def reliability(confidence: Doubles, right: NDArray[np.bool_]) -> Reliability:
    """Compare confidences with what was right, of any one shape."""
    order = np.argsort(confidence, axis=None, kind="stable")
    parts = np.array_split(order, min(BINS, len(order)))
    told = np.array([confidence.ravel()[part].mean() for part in parts])
    share = np.array([right.ravel()[part].mean() for part in parts])
    weight = np.array([len(part) for part in parts]) / len(order)
    error = float((np.abs(told - share) * weight).sum())
    return Reliability(tuple(told.tolist()), tuple(share.tolist()), error)


def reliability_plot(curves: dict[str, Reliability]) -> NDArray[np.uint8]:
    """An RGB picture with one diagram beside the other; on the diagonal confidence is right."""
    return np.hstack([_diagram(title, each) for title, each in curves.items()])


def _diagram(title: str, curve: Reliability) -> NDArray[np.uint8]:
    side = EDGE + 2 * BORDER
    picture = np.full((side, side, 3), 255, np.uint8)

    def point(x: float, y: float) -> tuple[int, int]:
        return round(BORDER + x * EDGE), round(BORDER + (1 - y) * EDGE)

    for tick in np.linspace(0, 1, 6):
        cv2.line(picture, point(tick, 0), point(tick, 1), GRID)
        cv2.line(picture, point(0, tick), point(1, tick), GRID)
        x, y = point(tick, 0)
        _write(picture, f"{tick:.1f}", (x - 10, y + 16))
        _write(picture, f"{tick:.1f}", (BORDER - 30, point(0, tick)[1] + 4))
    cv2.line(picture, point(0, 0), point(1, 1), INK, 1, cv2.LINE_AA)
    dots = [point(*both) for both in zip(curve.told, curve.right, strict=True)]
    cv2.polylines(picture, [np.array(dots, np.int32)], False, BARS, 2, cv2.LINE_AA)
    for dot in dots:
        cv2.circle(picture, dot, 5, BARS, -1, cv2.LINE_AA)
    _write(picture, f"{title}: off by {curve.error:.1%}", (BORDER, BORDER - 14))
    _write(picture, "told; upwards: right", (BORDER, side - 8))
    return picture


def _write(picture: NDArray[np.uint8], text: str, at: tuple[int, int]) -> None:
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)
