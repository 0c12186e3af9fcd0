"""What a widget has painted."""

import numpy as np
from PySide6.QtGui import QImage, QPainter


def pixels(picture):
    """A widget or a picture as RGB (H, W, 3), whole numbers."""
    if not isinstance(picture, QImage):
        picture = picture.grab().toImage()
    picture = picture.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), -1)
    return rows[:, : 3 * picture.width()].reshape(picture.height(), picture.width(), 3).astype(int)


def at(picture, place):
    column, row = np.floor(place).astype(int)
    return picture[row, column]


def paint(width, height, draw):
    """What `draw` does with a painter on black, as RGB (height, width, 3)."""
    canvas = QImage(width, height, QImage.Format.Format_RGB32)
    canvas.fill(0)
    painter = QPainter(canvas)
    draw(painter)
    painter.end()
    return pixels(canvas)
