"""The 3D viewport: hands in space, turned, moved and zoomed with the mouse."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.views.orbit import Orbit
from app.views.scene import BACKGROUND, Renderer, open_renderer
from app.views.theme import FAINT
from dfmamba.pose import HandPose

REDRAW_MS = 33
FOLLOW = 0.08
"""The share of the way to the hands' centre that the view goes with each result."""


class SceneWidget(QWidget):
    """Shows the latest hands; draws only when they or the view have changed, 30 times a second.

    Left drag turns, right or middle drag moves, the wheel zooms, a double click resets.
    """

    def __init__(self, renderer: Renderer | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Hands in 3D")
        self.setMinimumSize(200, 160)
        self.setToolTip("Drag: turn · right drag: move · wheel: zoom · double click: reset")
        self._renderer: Renderer | None = renderer or open_renderer()
        self.renderer_name = self._renderer.name
        self._orbit = Orbit()
        self._hands: list[NDArray[np.float64]] = []
        self._centre: NDArray[np.float64] | None = None
        self._picture = QImage()
        self._held: QPointF | None = None
        self._stale = True
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._redraw)
        self._timer.start(REDRAW_MS)

    def show_hands(self, hands: Sequence[HandPose]) -> None:
        """Show these hands; their common centre drifts to the middle of the view."""
        joints = [hand.camera_mm for hand in hands]
        if joints:
            centre = np.mean(joints, axis=(0, 1))
            if self._centre is None:
                self._centre = centre
            self._centre = self._centre + FOLLOW * (centre - self._centre)
            joints = [each - self._centre for each in joints]
        elif self._hands:
            self._centre = None
        self._hands, self._stale = joints, True

    def reset_view(self) -> None:
        """The view as it was at the start."""
        self._orbit, self._centre, self._stale = Orbit(), None, True

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        """Room for a hand."""
        return QSize(480, 380)

    def _redraw(self) -> None:
        if not self._stale or self._renderer is None or not self.isVisible():
            return
        pixels = self._renderer.render(self._hands, self._orbit)
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        self._picture, self._stale = image.copy(), False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """The drawn scene, filling the widget."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(*BACKGROUND))
        if not self._picture.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self._target(), self._picture)
        if not self._hands:
            painter.setPen(QColor(FAINT))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No hand in view")
        painter.end()

    def _target(self) -> QRect:
        """Where the picture goes: it covers the widget and keeps its shape."""
        size = self._picture.size().scaled(
            self.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding
        )
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(self.rect().center())
        return place

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the view."""
        self._held = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802
        """Let go of the view."""
        self._held = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Turn with the left button, move with another."""
        if self._held is None:
            return
        moved = event.position() - self._held
        self._held = event.position()
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._orbit = self._orbit.dragged(moved.x(), moved.y())
        else:
            self._orbit = self._orbit.panned(moved.x(), moved.y(), self._target().height())
        self._stale = True

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom."""
        self._orbit = self._orbit.zoomed(event.angleDelta().y() / 120)
        self._stale = True

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802
        """Reset the view."""
        self.reset_view()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stop drawing and free the renderer."""
        self._timer.stop()
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
        super().closeEvent(event)
