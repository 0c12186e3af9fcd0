"""How far the joints of two weights lie apart: in this frame, and over all compared so far."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from app.review import Difference
from dfmamba.hand import JOINT_COLOURS, JOINTS

ROW, HEAD = 17, 66
NAME, NUMBERS = 82, 96
"""Widths, px: the joint's name at the left, its figures at the right of its bar."""
LEAST_MM = 10.0
"""The bars' full length, unless a joint is further off."""


class DifferenceView(QWidget):
    """A bar for each joint, as long as the two weights' joints are apart in millimetres.

    A line across the bar marks the joint's mean over all frames compared.
    """

    def __init__(self) -> None:
        super().__init__()
        self._difference: Difference | None = None
        self.setMinimumSize(NAME + NUMBERS + 60, HEAD + 6 * ROW)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for all joints."""
        return QSize(340, HEAD + ROW * len(JOINTS) + 6)

    def show_difference(self, difference: Difference | None) -> None:
        """Show what differs in a frame; None: nothing is known of it."""
        self._difference = difference
        self.update()

    def lines(self) -> tuple[str, str]:
        """The figures of this frame, and of all compared so far, in words."""
        found = self._difference
        if found is None or not found.frames:
            return "this frame: no hand compared", ""
        here = _figures(found.mm, found.px) if found.hands else "no hand"
        frames = "1 frame" if found.frames == 1 else f"{found.frames} frames seen"
        return f"this frame: {here}", f"mean of {frames}: {_figures(found.mean_mm, found.mean_px)}"

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw the figures and the bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        for place, text in enumerate(self.lines()):
            painter.setFont(QFont(self.font().family(), 10, QFont.Weight.DemiBold))
            painter.drawText(QPointF(10, 20 + 19 * place), text)
        painter.setFont(QFont(self.font().family(), 8))
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(QPointF(10, 58), "cyan ghost: the other weights, on the same crop")
        found = self._difference
        if found is None or not found.frames:
            return
        longest = max(LEAST_MM, float(np.nanmax([found.mm, found.mean_mm])))
        for joint, name in enumerate(JOINTS):
            self._paint_joint(painter, joint, name, found, longest)

    def _paint_joint(
        self, painter: QPainter, joint: int, name: str, found: Difference, longest: float
    ) -> None:
        palette, top = self.palette(), HEAD + ROW * joint
        room = self.width() - NAME - NUMBERS
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        aligned = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(0, top, NAME - 8, ROW), aligned, name)
        if found.hands:
            length = room * float(found.mm[joint]) / longest
            bar = QRectF(NAME, top + 3, length, ROW - 6)
            painter.fillRect(bar, QColor(*JOINT_COLOURS[joint]))
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            text = f"{found.mm[joint]:.1f} mm {found.px[joint]:5.1f} px"
            painter.drawText(QRectF(0, top, self.width() - 8, ROW), aligned, text)
        x = NAME + room * float(found.mean_mm[joint]) / longest
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 2))
        painter.drawLine(QPointF(x, top + 2), QPointF(x, top + ROW - 2))


def _figures(mm: np.typing.NDArray[np.float64], px: np.typing.NDArray[np.float64]) -> str:
    return f"{mm.mean():.1f} mm, {px.mean():.1f} px"
