"""The frame with the hands drawn over it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from dfmamba.pose import HandPose
from dfmamba_live.result import Result
from dfmamba_live.state import ViewState
from dfmamba_live.views.fit import Fit
from dfmamba_live.views.painting import painter_on, painting
from dfmamba_live.views.scan.overlay import ScanOverlay
from dfmamba_live.views.skeleton import COMPARED, paint_ghost, paint_skeleton

Floats = NDArray[np.float64]
JOINT_REACH_PX = 12.0
"""How near the pointer must come to a joint."""
BACKGROUND = QColor(18, 20, 24)
WRAPPED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


class ImageView(QWidget):
    """Shows a result, fitted; a mirrored view is mirrored here alone, and its labels stay readable.

    overlay: what is painted of the scan, shared between views. close_up: show only what the network
    sees in the first region.
    `painted` follows each new result once it has been drawn.
    """

    painted = Signal(object)

    def __init__(self, overlay: ScanOverlay, close_up: bool = False) -> None:
        super().__init__()
        self._overlay = overlay
        overlay.changed.connect(self.refresh)
        overlay.swept.connect(self._refresh_crops)
        self.setMouseTracking(True)
        self._close_up = close_up
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 200)
        self._state = ViewState()
        self._result: Result | None = None
        self._unseen = False
        self._note = ""
        self._still: QPixmap | None = None

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As large as a common webcam's picture."""
        return QSize(960, 720)

    def show_result(self, result: Result | None) -> None:
        """Draw a result, or none."""
        self._result, self._unseen = result, result is not None
        self.refresh()

    def show_note(self, note: str) -> None:
        """Write a line over the picture, until it is taken away by an empty one."""
        self._note = note
        self.refresh()

    def show_state(self, state: ViewState) -> None:
        """Draw with other settings."""
        self._state = state
        self.refresh()

    def refresh(self) -> None:
        """Draw everything anew."""
        self._still = None
        self.update()

    def to_widget(self, points_px: Floats) -> Floats:
        """Frame pixels (..., 2) to this widget's, fitted and mirrored as shown."""
        return self._fit().to_widget(points_px)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Look at what is under the pointer."""
        self._overlay.point(*self._under(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Hold on to what is under the pointer."""
        self._overlay.pin(*self._under(event))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Look at nothing."""
        self._overlay.point(None)
        super().leaveEvent(event)

    def _under(self, event: QMouseEvent) -> tuple[Floats, float]:
        """The place under the pointer and how near a joint must be, in frame pixels."""
        fit, place = self._fit(), event.position()
        return fit.to_frame(np.array([place.x(), place.y()])), JOINT_REACH_PX / fit.scale

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw frame, scan, skeletons, labels; under a sweep, which moves on its own, only once."""
        with painting(self) as painter:
            if self._overlay.sweeping:
                if (
                    self._still is None
                    or self._still.deviceIndependentSize().toSize() != self.size()
                ):
                    self._still = self._drawn()
                painter.drawPixmap(0, 0, self._still)
                self._overlay.paint_sweep(painter, self._fit())
            else:
                self._draw(painter)
        if self._unseen:
            self._unseen = False
            self.painted.emit(self._result)

    def _refresh_crops(self) -> None:
        """Paint again where the sweep is."""
        for region in self._result.estimate.regions if self._result is not None else ():
            crop = region.crop
            half = crop.side / 2
            corners = np.array([[crop.x - half, crop.y - half], [crop.x + half, crop.y + half]])
            start, end = self.to_widget(corners)
            area = QRectF(QPointF(*start), QPointF(*end)).normalized()
            self.update(area.toAlignedRect().adjusted(-1, -1, 1, 1))

    def _drawn(self) -> QPixmap:
        still = QPixmap(self.size() * self.devicePixelRatioF())
        still.setDevicePixelRatio(self.devicePixelRatioF())
        with painter_on(still) as painter:
            self._draw(painter)
        return still

    def _draw(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), BACKGROUND)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        if self._result is None:
            self._write(painter, self._note or "Waiting for the first frame")
            return
        estimate = self._result.estimate
        if estimate.hands or not self._close_up:
            self._paint_frame(painter, self._result.frame.image)
        self._overlay.paint_ground(painter, self._fit())
        # The skeleton gives way to the scan, and its names too.
        painter.setOpacity(0.6 if self._overlay.active else 1.0)
        for hand in estimate.hands:
            paint_skeleton(painter, self.to_widget(hand.joints_px), hand.confidence)
            if not self._close_up:
                self._paint_label(painter, hand)
        painter.setOpacity(1.0)
        if self._state.ghost:
            for hand in estimate.hands:
                if hand.raw_px is not None:
                    paint_ghost(painter, self.to_widget(hand.raw_px))
        self._overlay.paint(painter, self._fit())
        if self._result.difference is not None:
            for other in self._result.difference.hands:
                paint_ghost(painter, self.to_widget(other.joints_px), COMPARED)
        if not self._close_up:
            self._overlay.paint_notes(painter, self._fit())
        handless = not estimate.hands and not self._result.pending
        note = "No hand in view" if handless else ""
        if self._result.frame.damaged:
            note = "This frame is damaged in the file"
        self._write(painter, self._note or note)

    def _region(self) -> QRectF:
        """The part of the frame that is shown, in frame pixels."""
        if self._result is None:
            return QRectF(0, 0, 1, 1)
        regions = self._result.estimate.regions
        if self._close_up and regions:
            crop = regions[0].crop
            return QRectF(crop.x - crop.side / 2, crop.y - crop.side / 2, crop.side, crop.side)
        height, width = self._result.frame.image.shape[:2]
        return QRectF(0, 0, width, height)

    def _fit(self) -> Fit:
        """Where that part goes in this widget."""
        return Fit(self._region(), QRectF(self.rect()), self._state.mirrored)

    def _paint_frame(self, painter: QPainter, pixels: NDArray[np.uint8]) -> None:
        target = self._fit().target
        pixels = np.ascontiguousarray(pixels)
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        painter.save()
        if self._state.mirrored:
            painter.translate(2 * target.center().x(), 0)
            painter.scale(-1, 1)
        # Qt scales pictures of 32 bits several times as fast.
        image = image.convertToFormat(QImage.Format.Format_RGB32)
        painter.drawImage(target, image, self._region())
        painter.restore()

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
        if not text:
            return
        painter.setFont(QFont(self.font().family(), 13))
        room = self.rect().adjusted(32, 0, -32, -32)
        box = QRectF(painter.fontMetrics().boundingRect(room, WRAPPED, text))
        box = box.adjusted(-16, -8, 16, 8)
        box.moveBottom(self.height() - 20)
        _pill(painter, box, text)


def _pill(painter: QPainter, box: QRectF, text: str) -> None:
    radius = min(box.height() / 2, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(12, 14, 18, 200))
    painter.drawRoundedRect(box, radius, radius)
    painter.setPen(QColor(240, 242, 245))
    painter.drawText(box, WRAPPED, text)
