"""The 3D scene drawn by Qt's painter: plainer than Open3D, and it works everywhere."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from app.views.hand_mesh import JOINT_MM, ROD_MM, ground_lines
from app.views.orbit import Orbit, focal_length
from app.views.scene import BACKGROUND, GRID, HEIGHT, WIDTH
from dfmamba.hand import BONES, JOINT_COLOURS


class PainterRenderer:
    """Discs and lines, the furthest first."""

    name = "Qt painter"

    def render(self, hands: Sequence[NDArray[np.float64]], orbit: Orbit) -> NDArray[np.uint8]:
        """As `Renderer.render`."""
        image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB888)
        image.fill(QColor(*BACKGROUND))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(*GRID), 1))
        for line in ground_lines():
            ends, _ = orbit.project(line, WIDTH, HEIGHT)
            painter.drawLine(*(QPointF(*end) for end in ends))
        for joints in hands:
            _paint_hand(painter, joints, orbit)
        painter.end()
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(HEIGHT, image.bytesPerLine())
        return rows[:, : 3 * WIDTH].reshape(HEIGHT, WIDTH, 3).copy()

    def close(self) -> None:
        """Nothing to free."""


def _paint_hand(painter: QPainter, joints: NDArray[np.float64], orbit: Orbit) -> None:
    places, depth = orbit.project(joints, WIDTH, HEIGHT)
    pixels = focal_length(HEIGHT) / depth
    shapes: list[tuple[float, int, int | None]]
    shapes = [(depth[joint] - JOINT_MM[joint], joint, None) for joint in range(len(joints))]
    shapes += [((depth[a] + depth[b]) / 2, b, a) for a, b in BONES]
    nearest = depth.min()
    for far, joint, parent in sorted(shapes, key=lambda shape: -shape[0]):
        dimmed = int(np.clip(100 + 0.35 * (far - nearest), 100, 170))
        colour = QColor(*JOINT_COLOURS[joint]).darker(dimmed)
        if parent is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(colour))
            radius = JOINT_MM[joint] * pixels[joint]
            painter.drawEllipse(QPointF(*places[joint]), radius, radius)
        else:
            pen = QPen(colour, 2 * ROD_MM * pixels[joint])
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(QPointF(*places[parent]), QPointF(*places[joint]))
