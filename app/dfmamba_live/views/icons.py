"""The signs of a video player, drawn in a given colour: the same on every system."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF

from dfmamba_live.views.painting import painter_on

SIZE = 32
"""Drawn at twice the size of a button's icon, for dense screens."""

_RIGHT = [(8, 4), (27, 16), (8, 28)]
_SMALL_RIGHT = [(13, 6), (27, 16), (13, 26)]
_SHAPES: dict[str, tuple[list[tuple[int, int]], ...]] = {
    "play": (_RIGHT,),
    "pause": ([(7, 5), (13, 5), (13, 27), (7, 27)], [(19, 5), (25, 5), (25, 27), (19, 27)]),
    "on": ([(5, 6), (9, 6), (9, 26), (5, 26)], _SMALL_RIGHT),
}
_MIRRORED = {"back": "on", "low back": "low on"}
_SHAPES["low on"] = ([(10, 3), (26, 12), (10, 21)],)


def icon(name: str, colour: QColor) -> QIcon:
    """One of: play, pause, on, back, low on, low back."""
    pixmap = QPixmap(SIZE, SIZE)
    pixmap.fill(Qt.GlobalColor.transparent)
    with painter_on(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if name in _MIRRORED:
            painter.translate(SIZE, 0)
            painter.scale(-1, 1)
            name = _MIRRORED[name]
        for shape in _SHAPES[name]:
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in shape]))
        if name.startswith("low"):
            painter.setBrush(QColor(226, 72, 72))
            painter.drawRoundedRect(QRectF(7, 24, 20, 5), 2, 2)
    return QIcon(pixmap)
