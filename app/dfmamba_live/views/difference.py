"""How far the joints of two weights lie apart: in this frame, and over all compared so far."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from dfmamba.hand import JOINT_COLOURS, JOINTS
from dfmamba_live.result import Difference
from dfmamba_live.views.painting import painting

ROW, LEAST_ROW, HEAD = 17, 11, 62
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
        self.setMinimumSize(NAME + NUMBERS + 60, HEAD + 6 * LEAST_ROW)

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
        with painting(self) as painter:
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
            row = min(max((self.height() - HEAD) // len(JOINTS), LEAST_ROW), ROW)
            painter.setFont(QFont(self.font().family(), 8 if row > LEAST_ROW + 1 else 7))
            longest = max(LEAST_MM, float(np.nanmax([found.mm, found.mean_mm])))
            for joint, name in enumerate(JOINTS):
                box = QRectF(0, HEAD + row * joint, self.width(), row)
                self._paint_joint(painter, box, joint, name, found, longest)

    def _paint_joint(
        self,
        painter: QPainter,
        place: QRectF,
        joint: int,
        name: str,
        found: Difference,
        longest: float,
    ) -> None:
        palette = self.palette()
        room = place.width() - NAME - NUMBERS
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        aligned = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(place).adjusted(0, 0, NAME - 8 - place.width(), 0), aligned, name)
        if found.hands:
            bar = QRectF(NAME, place.top(), room * float(found.mm[joint]) / longest, place.height())
            painter.fillRect(bar.adjusted(0, 2, 0, -2), QColor(*JOINT_COLOURS[joint]))
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            text = f"{found.mm[joint]:.1f} mm {found.px[joint]:5.1f} px"
            painter.drawText(place.adjusted(0, 0, -8, 0), aligned, text)
        x = NAME + room * float(found.mean_mm[joint]) / longest
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 2))
        painter.drawLine(QPointF(x, place.top() + 1), QPointF(x, place.bottom() - 1))


def _figures(mm: np.typing.NDArray[np.float64], px: np.typing.NDArray[np.float64]) -> str:
    return f"{mm.mean():.1f} mm, {px.mean():.1f} px"
