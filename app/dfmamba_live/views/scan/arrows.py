"""Arrows from anchors to the places that are read: many at once, one path for each colour."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPath
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

Floats = NDArray[np.float64]
ToWidget = Callable[[Floats], Floats]

HEAD_WIDTH, HEAD_LENGTH = 3.4, 3.6
"""Of an arrow's head, in widths of its shaft."""
SMALLEST_HEAD_PX = 1.6
"""The thinnest shaft that a head goes by."""
THINNEST_PX = 0.5
"""Of a shaft: what is thinner counts so little that it is left out."""
DARK = QColor(14, 16, 22)
GRID = QColor(150, 156, 168)
WHITE = QColor(255, 255, 255)
"""Opaque, and drawn with pens of one pixel: Qt paints anything else ten times as slowly."""


def anchor_colours(count: int) -> list[QColor]:
    """A colour per anchor, round the colour wheel, the middle one white."""
    wheel = iter(range(count))
    return [
        QColor(WHITE)
        if anchor == count // 2
        else QColor.fromHsvF(next(wheel) / max(count - 1, 1), 0.68, 1.0)
        for anchor in range(count)
    ]


def arrow_shapes(start: Floats, end: Floats, width: Floats) -> Floats:
    """The outlines (..., 7, 2) of arrows between points (..., 2), with shafts of `width` (...).

    An arrow shorter than its head is all head, and smaller; one of no length is a point.
    """
    along = end - start
    length = np.linalg.norm(along, axis=-1, keepdims=True)
    along = along / np.maximum(length, 1e-9)
    across = along[..., ::-1] * [-1, 1]
    head = np.minimum(HEAD_LENGTH * np.maximum(width, SMALLEST_HEAD_PX)[..., None], length)
    half = head * HEAD_WIDTH / HEAD_LENGTH / 2
    side, barb = across * np.minimum(width[..., None] / 2, half), across * half
    neck = end - along * head
    points = start + side, neck + side, neck + barb, end, neck - barb, neck - side, start - side
    return np.stack(points, axis=-2)


def closed_path(shapes: Floats) -> QPainterPath:
    """Closed polygons (..., P, 2) as one path."""
    closed = np.concatenate([shapes, shapes[..., :1, :]], axis=-2)
    connected = np.ones(closed.shape[:-1], np.int32)
    connected[..., -1] = 0
    x, y = closed.reshape(-1, 2).T
    path: QPainterPath = arrayToQPath(x, y, connect=connected.reshape(-1), finiteCheck=False)
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


def line_path(start: Floats, end: Floats) -> QPainterPath:
    """Lines between points (..., 2) as one path."""
    x, y = np.stack([start, end], axis=-2).reshape(-1, 2).T
    path: QPainterPath = arrayToQPath(x, y, connect="pairs", finiteCheck=False)
    return path


def paint_arrows(
    painter: QPainter, start: Floats, end: Floats, width: Floats, negative: NDArray[np.bool_]
) -> None:
    """Arrows of N tokens and K anchors, coloured by anchor, hollow where `negative`.

    start, end (N, K, 2) in the widget's pixels; width (N, K).
    """
    shapes = arrow_shapes(start, end, width)
    seen = width >= THINNEST_PX
    for anchor, colour in enumerate(anchor_colours(width.shape[1])):
        painter.setPen(QPen(colour, 1.0))
        for sign, inner in ((~negative, QBrush(colour)), (negative, QBrush())):
            chosen = seen[:, anchor] & sign[:, anchor]
            if chosen.any():
                painter.setBrush(inner)
                painter.drawPath(closed_path(shapes[chosen, anchor]))


def paint_dashes(painter: QPainter, start: Floats, end: Floats, chosen: NDArray[np.bool_]) -> None:
    """Dashed lines of the chosen (N, K), coloured by anchor; start, end (N, K, 2)."""
    for anchor, colour in enumerate(anchor_colours(chosen.shape[1])):
        rows = chosen[:, anchor]
        if rows.any():
            painter.setPen(QPen(colour, 1.0, Qt.PenStyle.DashLine))
            painter.drawPath(line_path(start[rows, anchor], end[rows, anchor]))


def paint_outlines(painter: QPainter, shapes: Floats, colour: QColor) -> None:
    """The edges of polygons (N, P, 2)."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 1.0))
    painter.drawPath(closed_path(shapes))


def paint_grid(painter: QPainter, anchors: Floats) -> None:
    """Anchors (N, K, 2) in the widget's pixels: a grid of lines and dots around each token."""
    side = round(anchors.shape[1] ** 0.5)
    grid = anchors.reshape(-1, side, side, 2)
    painter.setPen(QPen(GRID, 1.0))
    painter.drawPath(line_path(grid[:, :, 0], grid[:, :, -1]))
    painter.drawPath(line_path(grid[:, 0], grid[:, -1]))
    paint_dots(painter, anchors, GRID, 2.2)


def paint_dots(painter: QPainter, points: Floats, colour: QColor, radius: float) -> None:
    """Round dots with a dark rim at points (..., 2)."""
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    circle = radius * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    painter.setPen(QPen(DARK, 1.0))
    painter.setBrush(colour)
    painter.drawPath(closed_path(points[..., None, :] + circle))
