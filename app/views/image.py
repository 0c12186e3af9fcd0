"""The frame with the hands drawn over it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.state import ViewState
from app.views.overlay import paint_scan, scan_places, tokens_at
from app.views.skeleton import paint_ghost, paint_skeleton
from app.worker import Result
from dfmamba.hand import TIPS, WRIST
from dfmamba.pose import HandPose

Floats = NDArray[np.float64]
SHOWN_JOINTS = [WRIST, *TIPS]
"""The scan is drawn for the tokens under these."""
BACKGROUND = QColor(18, 20, 24)


class ImageView(QWidget):
    """Shows a result, fitted; a mirrored view is mirrored here alone, and its labels stay readable.

    close_up: show only what the network sees of the first hand.
    `painted` follows each new result once it has been drawn.
    """

    painted = Signal(object)

    def __init__(self, close_up: bool = False) -> None:
        super().__init__()
        self._close_up = close_up
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 200)
        self._state = ViewState()
        self._result: Result | None = None
        self._unseen = False
        self._note = "Waiting for the first frame"

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As large as a common webcam's picture."""
        return QSize(960, 720)

    def show_result(self, result: Result | None, note: str = "") -> None:
        """Draw a result; `note` stands in for a missing one."""
        self._result, self._note, self._unseen = result, note, result is not None
        self.update()

    def show_state(self, state: ViewState) -> None:
        """Draw with other settings."""
        self._state = state
        self.update()

    def to_widget(self, points_px: Floats) -> Floats:
        """Frame pixels (..., 2) to this widget's, fitted and mirrored as shown."""
        region, target = self._region(), self._target()
        points = np.asarray(points_px, np.float64) - [region.x(), region.y()]
        points *= target.width() / region.width()
        if self._state.mirrored:
            points[..., 0] = target.width() - points[..., 0]
        points += [target.x(), target.y()]
        return points

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw frame, scan, skeletons, labels."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), BACKGROUND)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        if self._result is None:
            self._write(painter, self._note)
            return
        estimate = self._result.estimate
        if estimate.hands or not self._close_up:
            self._paint_frame(painter, self._result.frame.image)
        scans = any(estimate.traces) and self._state.overlaid
        painter.setOpacity(0.5 if scans else 1.0)  # the skeleton gives way to the scan
        for hand in estimate.hands:
            paint_skeleton(painter, self.to_widget(hand.joints_px), hand.confidence)
        painter.setOpacity(1.0)
        if self._state.ghost:
            for hand in estimate.hands:
                if hand.raw_px is not None:
                    paint_ghost(painter, self.to_widget(hand.raw_px))
        if scans:
            self._paint_scans(painter, self._result)
        if not self._close_up:
            for hand in estimate.hands:
                self._paint_label(painter, hand)
        if self._result.difference is not None:
            for other in self._result.difference.hands:
                paint_ghost(painter, self.to_widget(other.joints_px))
        if not estimate.hands and not self._result.pending:
            self._write(painter, "No hand in view")
        painter.end()
        if self._unseen:
            self._unseen = False
            self.painted.emit(self._result)

    def _region(self) -> QRectF:
        """The part of the frame that is shown, in frame pixels."""
        if self._result is None:
            return QRectF(0, 0, 1, 1)
        crops = self._result.estimate.crops
        if self._close_up and crops:
            side = crops[0].side
            return QRectF(crops[0].x - side / 2, crops[0].y - side / 2, side, side)
        height, width = self._result.frame.image.shape[:2]
        return QRectF(0, 0, width, height)

    def _target(self) -> QRectF:
        """Where that part goes in this widget."""
        region = self._region()
        scale = min(self.width() / region.width(), self.height() / region.height())
        target = QRectF(0, 0, region.width() * scale, region.height() * scale)
        target.moveCenter(QRectF(self.rect()).center())
        return target

    def _paint_frame(self, painter: QPainter, pixels: NDArray[np.uint8]) -> None:
        target = self._target()
        pixels = np.ascontiguousarray(pixels)
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        painter.save()
        if self._state.mirrored:
            painter.translate(2 * target.center().x(), 0)
            painter.scale(-1, 1)
        painter.drawImage(target, image, self._region())
        painter.restore()

    def _paint_scans(self, painter: QPainter, result: Result) -> None:
        estimate = result.estimate
        # All 64 tokens of a crop with 9 anchors each would hide the hand.
        for hand, crop, traces in zip(estimate.hands, estimate.crops, estimate.traces, strict=True):
            if not traces:
                continue
            trace = traces[self._state.layer]
            places = scan_places(trace, crop, tokens_at(trace, crop, hand.joints_px[SHOWN_JOINTS]))
            token = crop.side / trace.width * self._target().width() / self._region().width()
            paint_scan(painter, places, self.to_widget, token, self._state)

    def _paint_label(self, painter: QPainter, hand: HandPose) -> None:
        text = f"{hand.side}  {hand.score:.2f}"
        painter.setFont(QFont(self.font().family(), 11, QFont.Weight.DemiBold))
        box = QRectF(painter.fontMetrics().boundingRect(text)).adjusted(-9, -4, 9, 4)
        joints = self.to_widget(hand.joints_px)
        middle, top = float(joints[:, 0].mean()), float(joints[:, 1].min())
        box.moveCenter(QPointF(middle, top - 24))
        box.moveLeft(min(max(box.left(), 6.0), self.width() - box.width() - 6))
        box.moveTop(max(box.top(), 6.0))
        _pill(painter, box, text)

    def _write(self, painter: QPainter, text: str) -> None:
        painter.setFont(QFont(self.font().family(), 13))
        box = QRectF(painter.fontMetrics().boundingRect(text)).adjusted(-16, -8, 16, 8)
        box.moveCenter(QPointF(self.width() / 2, self.height() - 40))
        _pill(painter, box, text)


def _pill(painter: QPainter, box: QRectF, text: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(12, 14, 18, 200))
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    painter.setPen(QColor(240, 242, 245))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
