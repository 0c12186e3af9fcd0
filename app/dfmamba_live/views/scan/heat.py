"""Heat maps: one number of each token as a colour over the crop, and their legend."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from dfmamba.model import ScanTrace
from dfmamba_live.views.scan.places import Floats, offset_lengths

OPACITY = 0.5


@dataclass(frozen=True)
class Heat:
    """What a heat map shows."""

    name: str
    """For people, with its unit."""
    of: Callable[[ScanTrace], Floats]
    """A trace to its values (L,)."""


HEATS = {
    "offset": Heat("mean |offset| (tokens)", lambda trace: offset_lengths(trace).mean(axis=1)),
    "dt": Heat("time step dt (no unit)", lambda trace: np.asarray(trace.step, np.float64)),
    "weight": Heat("sum of |weight| (no unit)", lambda trace: np.abs(trace.weights).sum(axis=1)),
}


def heat_colours(values: Floats, low: float, high: float) -> NDArray[np.uint8]:
    """Values (...) as RGB (..., 3), from `low` to `high`."""
    table = _table()
    share = np.clip((values - low) / max(high - low, 1e-12), 0, 1)
    colours: NDArray[np.uint8] = table[np.rint(share * (len(table) - 1)).astype(int)]
    return colours


def paint_heat(
    painter: QPainter, values: Floats, limits: tuple[float, float], start: Floats, end: Floats
) -> None:
    """Values (H, W) over the rectangle from their first token's outer corner to their last one's.

    start, end (2,) in the widget's pixels; columns run from the right where `end` lies left.
    """
    columns = slice(None, None, -1 if end[0] < start[0] else 1)
    colours = np.ascontiguousarray(heat_colours(values, *limits)[:, columns])
    height, width = values.shape
    image = QImage(colours.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    painter.save()
    painter.setOpacity(OPACITY)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(QRectF(QPointF(*start), QPointF(*end)).normalized(), image)
    painter.restore()


def paint_legend(
    painter: QPainter, heat: Heat, limits: tuple[float, float], corner: QPointF
) -> None:
    """The colours with their numbers, its lower left at `corner`."""
    box = QRectF(corner.x(), corner.y() - 58, 214, 58)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(12, 14, 18, 225))
    painter.drawRoundedRect(box, 7, 7)
    inner = box.adjusted(12, 7, -12, -7)
    bar = QRectF(inner.x(), inner.y() + 19, inner.width(), 8)
    ramp = np.ascontiguousarray(_table()[None])
    painter.drawImage(bar, QImage(ramp.data, 256, 1, 3 * 256, QImage.Format.Format_RGB888))
    font = QFont(painter.font())
    font.setPixelSize(12)
    painter.setFont(font)
    painter.setPen(QColor(232, 235, 240))
    left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    painter.drawText(inner, left | Qt.AlignmentFlag.AlignTop, heat.name)
    painter.drawText(inner, left | Qt.AlignmentFlag.AlignBottom, f"{limits[0]:.4g}")
    painter.drawText(inner, right | Qt.AlignmentFlag.AlignBottom, f"{limits[1]:.4g}")


@cache
def _table() -> NDArray[np.uint8]:
    """256 colours (256, 3): bright means much, also for eyes that see fewer colours."""
    return np.asarray(pg.colormap.get("viridis").getLookupTable(nPts=256, alpha=False), np.uint8)
