"""Where a deformable layer looks, in the pixels of the frame, and how that is painted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.state import ViewState
from dfmamba.camera import Crop
from dfmamba.model import ScanTrace

Floats = NDArray[np.float64]
ToWidget = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class ScanPlaces:
    """Places of N tokens and K anchors, in frame pixels (x, y).

    centres (N, 2); anchors (N, K, 2): where a plain scan would read; sampled (N, K, 2): where the
    offsets lead; weights (N, K).
    """

    centres: Floats
    anchors: Floats
    sampled: Floats
    weights: Floats


def scan_places(trace: ScanTrace, crop: Crop, tokens: NDArray[np.int64]) -> ScanPlaces:
    """The places of the given tokens (N,) of a trace without the batch dimension."""
    centres = np.stack([tokens // trace.width, tokens % trace.width], axis=-1) + 0.5
    anchors = centres[:, None] + np.asarray(trace.anchors, np.float64)
    sampled = anchors + np.asarray(trace.offsets, np.float64)[tokens]
    grid = np.array([trace.height, trace.width])

    def to_frame(places: Floats) -> Floats:
        return crop.to_frame((places / grid)[..., ::-1], 1)

    weights = np.asarray(trace.weights, np.float64)[tokens]
    return ScanPlaces(to_frame(centres), to_frame(anchors), to_frame(sampled), weights)


def tokens_at(trace: ScanTrace, crop: Crop, points_px: Floats) -> NDArray[np.int64]:
    """The tokens (N,) that hold at least one of the points (P, 2) in frame pixels."""
    column, row = np.floor(crop.to_crop(points_px, 1) * [trace.width, trace.height]).T
    inside = (row >= 0) & (row < trace.height) & (column >= 0) & (column < trace.width)
    tokens: NDArray[np.int64] = np.unique((row * trace.width + column)[inside].astype(np.int64))
    return tokens


def mean_offset(trace: ScanTrace) -> Floats:
    """The mean |offset| of each anchor (K,) over all tokens, in token units."""
    lengths = np.linalg.norm(np.asarray(trace.offsets, np.float64), axis=-1)
    return np.asarray(lengths.mean(axis=0), np.float64)


def anchor_colours(count: int) -> list[QColor]:
    """A colour per anchor, round the colour wheel, the middle one white."""
    wheel = iter(range(count))
    return [
        QColor(255, 255, 255)
        if anchor == count // 2
        else QColor.fromHsvF(next(wheel) / max(count - 1, 1), 0.62, 1.0)
        for anchor in range(count)
    ]


def paint_scan(
    painter: QPainter, places: ScanPlaces, to_widget: ToWidget, token: float, state: ViewState
) -> None:
    """Dots at the anchors, lines from there to the places that are read, opaque by weight.

    `token`: the edge of a token in the widget's pixels, which the dots are measured by.
    """
    dot = min(max(0.08 * token, 2.2), 5.0)
    colours = anchor_colours(places.anchors.shape[1])
    if state.offsets:
        strength = np.abs(places.weights) / max(float(np.abs(places.weights).max()), 1e-9)
        start, end = to_widget(places.anchors), to_widget(places.sampled)
        for token, anchor in np.ndindex(strength.shape):
            colour = QColor(colours[anchor])
            colour.setAlphaF(0.25 + 0.75 * float(strength[token, anchor]))
            painter.setPen(QPen(colour, 0.85 * dot, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            head = QPointF(*end[token, anchor])
            painter.drawLine(QLineF(QPointF(*start[token, anchor]), head))
            painter.setBrush(colour)
            painter.drawEllipse(head, 0.6 * dot, 0.6 * dot)
    if state.anchors:
        dots = to_widget(places.anchors)
        painter.setPen(QPen(QColor(0, 0, 0, 150), 0.8))
        for token, anchor in np.ndindex(dots.shape[:2]):
            painter.setBrush(colours[anchor])
            painter.drawEllipse(QPointF(*dots[token, anchor]), dot, dot)
        painter.setPen(QPen(QColor(255, 255, 255, 220), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for centre in to_widget(places.centres):
            painter.drawEllipse(QPointF(*centre), 1.8 * dot, 1.8 * dot)
