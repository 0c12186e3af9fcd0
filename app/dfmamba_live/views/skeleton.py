"""A hand's skeleton, painted in the colours of its fingers."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from dfmamba.hand import BONES, JOINT_COLOURS

Floats = NDArray[np.float64]
FAINTEST = 0.12
"""How opaque a joint is that the network does not believe in at all; a sure one is opaque."""
GHOST = QColor(255, 255, 255, 190)
COMPARED = QColor(70, 240, 255, 230)
"""The hand by the weights that are compared."""
_COLOURS = [QColor(*colour) for colour in JOINT_COLOURS]


def paint_skeleton(painter: QPainter, places: Floats, confidence: Floats) -> None:
    """Bones and joints at places (21, 2), widget pixels, fainter the less sure (21,), 0 to 1."""
    bone = _bone_width(places)
    opacity = FAINTEST + (1 - FAINTEST) * np.clip(confidence, 0, 1)
    before = painter.opacity()
    for parent, child in BONES:
        painter.setOpacity(before * float(min(opacity[parent], opacity[child])))
        line = QLineF(QPointF(*places[parent]), QPointF(*places[child]))
        for colour, width in ((QColor(0, 0, 0, 110), bone + 2), (_COLOURS[child], bone)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(line)
    painter.setPen(QPen(QColor(0, 0, 0, 160), 1))
    for joint, place in enumerate(places):
        painter.setOpacity(before * float(opacity[joint]))
        painter.setBrush(_COLOURS[joint])
        painter.drawEllipse(QPointF(*place), bone * 1.1, bone * 1.1)
    painter.setOpacity(before)


def paint_ghost(painter: QPainter, places: Floats, colour: QColor = GHOST) -> None:
    """The same hand seen otherwise: thin lines through places (21, 2), widget pixels.

    White for what it was before smoothing.
    """
    width = max(0.4 * _bone_width(places), 1.0)
    painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLines([QLineF(QPointF(*places[a]), QPointF(*places[b])) for a, b in BONES])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for place in places:
        painter.drawEllipse(QPointF(*place), 2 * width, 2 * width)


def _bone_width(places: Floats) -> float:
    span = float(np.ptp(places, axis=0).max())
    return min(max(span / 60, 1.5), 5.0)
