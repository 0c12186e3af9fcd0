"""The order of the scan, played: a token after another, with a trail behind it."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from dfmamba_live.views.scan.arrows import closed_path, paint_outlines
from dfmamba_live.views.scan.places import Floats, Tokens

SWEEP_S = 3.2
"""How long one sweep over all tokens takes."""
TRAIL = 10
"""Tokens behind the newest one that still glow."""
GLOW = QColor(255, 226, 120)


class Sweep:
    """Walks along a scan order, one token at a time, again and again."""

    def __init__(self) -> None:
        self._position = 0

    def advance(self) -> None:
        """Go on to the next token."""
        self._position += 1

    def trail(self, order: Tokens) -> Tokens:
        """The tokens to light (up to TRAIL), the newest last, of an order (L,)."""
        newest = self._position % len(order)
        return np.asarray(order)[max(0, newest + 1 - TRAIL) : newest + 1]


def interval_ms(tokens: int) -> int:
    """The time between two tokens of a sweep."""
    return round(1000 * SWEEP_S / tokens)


def paint_sweep(painter: QPainter, squares: Floats) -> None:
    """Squares (N, 4, 2) in the widget's pixels, the newest last and brightest."""
    painter.setPen(Qt.PenStyle.NoPen)
    for age, square in enumerate(squares[::-1]):
        colour = QColor(GLOW)
        colour.setAlphaF(0.6 * (1 - age / TRAIL))
        painter.setBrush(colour)
        painter.drawPath(closed_path(square[None]))
    paint_outlines(painter, squares[-1:], GLOW)
