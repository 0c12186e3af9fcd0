"""A clip at a glance: thumbnails, where hands were found, the loop, and the frame that is shown."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from dfmamba_live.review import Overview, Thumbnails
from dfmamba_live.views.hand_rows import draw_rows
from dfmamba_live.views.painting import painter_on, painting

RULER, STRIP, ROWS, GAP = 18, 46, 32, 3
"""Heights, px: times, thumbnails, the rows of both hands, and what lies between."""
SIDES = 16
"""Room at the left for the names of the rows, and as much at the right."""
REDRAW_MS = 200
TICK_PX = 90
LABEL = 110
"""More than the width, px, of the label over the playhead: it stays whole at the edges too."""
HEAD = QColor("#4aa3f5")


class Timeline(QWidget):
    """Shows a clip along its frames, all of one width; a drag goes through it.

    `sought` carries the frame under the mouse; `held` tells when a drag starts and ends.
    """

    sought = Signal(int)
    held = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setToolTip(
            "Drag to go through the clip. Bars: how sure the network is of the left (L) and the\n"
            "right (R) hand; red: low confidence. Pale bars are first estimates, which depend\n"
            "slightly on the frames visited before; solid ones are settled, as in an export."
        )
        self._times: Sequence[float] = ()
        self._thumbnails: Thumbnails | None = None
        self._overview: Overview | None = None
        self._index = 0
        self._loop: tuple[int, int] | None = None
        self._hover: int | None = None
        self._dragging = False
        self._ground: QPixmap | None = None
        self._redraw = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._redraw.timeout.connect(self._forget_ground)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Low and wide."""
        return QSize(800, RULER + STRIP + ROWS + 2 * GAP)

    def show_clip(self, times: Sequence[float], thumbnails: Thumbnails) -> None:
        """Start on another clip, whose frames are at `times` (seconds)."""
        self._times, self._thumbnails, self._overview = times, thumbnails, None
        self._index, self._loop = 0, None
        self._forget_ground()

    def show_overview(self, overview: Overview) -> None:
        """Show what is known of the clip by now; there may be new thumbnails too."""
        self._overview = overview
        if not self._redraw.isActive():
            self._redraw.start()

    def show_index(self, index: int) -> None:
        """Put the playhead over a frame."""
        if index != self._index:
            self._update_at(self._index)
            self._index = index
            self._update_at(index)

    def show_loop(self, first: int, last: int, on: bool) -> None:
        """Mark the frames that are looped over; where that is the whole clip, nothing."""
        whole = (first, last) == (0, len(self._times) - 1)
        loop = (first, last) if on and not whole else None
        if loop != self._loop:
            self._loop = loop
            self.update()

    def index_at(self, x: float) -> int:
        """The frame under a place, widget pixels."""
        count = len(self._times)
        index = int((x - SIDES) / max(self.width() - 2 * SIDES, 1) * count)
        return min(max(index, 0), max(count - 1, 0))

    def place_of(self, index: float) -> float:
        """The left edge of a frame, widget pixels; `index + 0.5` is its middle."""
        return SIDES + index / max(len(self._times), 1) * (self.width() - 2 * SIDES)

    # Mouse.

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Go to the frame under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton and self._times:
            self._dragging = True
            self.held.emit(True)
            self._seek(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the mouse while it is held; else tell what it is over."""
        self._hover = self.index_at(event.position().x())
        if self._dragging:
            self._seek(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """End a drag."""
        if event.button() == Qt.MouseButton.LeftButton and self._dragging:
            self._dragging = False
            self.held.emit(False)

    def leaveEvent(self, event: object) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Forget the mouse."""
        self._hover = None
        self.update()

    def _seek(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position().x())
        self.show_index(index)  # the playhead is under the mouse at once
        self.sought.emit(index)

    # Paint.

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw anew."""
        self._ground = None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw the ground, which is kept, and the playhead over it."""
        with painting(self) as painter:
            if self._ground is None:
                self._ground = self._draw_ground()
            painter.drawPixmap(0, 0, self._ground)
            if not self._times:
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_loop(painter)
            self._paint_head(painter)
            if self._hover not in (None, self._index):
                self._paint_hover(painter, self._hover)

    def changeEvent(self, event: object) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw anew in other colours."""
        self._forget_ground()

    def _forget_ground(self) -> None:
        self._ground = None
        self.update()

    def _update_at(self, index: int) -> None:
        x = round(self.place_of(index + 0.5))
        self.update(QRect(x - 2, 0, 5, self.height()))
        self.update(QRect(x - LABEL, 0, 2 * LABEL, RULER))

    def _draw_ground(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        ground = QPixmap(self.size() * ratio)
        ground.setDevicePixelRatio(ratio)
        ground.fill(self.palette().color(QPalette.ColorRole.Base))
        with painter_on(ground) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            if self._times:
                self._paint_ruler(painter)
                self._paint_strip(painter)
                self._paint_rows(painter)
        return ground

    def _paint_ruler(self, painter: QPainter) -> None:
        painter.setFont(QFont(self.font().family(), 8))
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        count = len(self._times)
        ticks = max((self.width() - 2 * SIDES) // TICK_PX, 1)
        for index in range(0, count, max(-(-count // ticks), 1)):
            x = self.place_of(index)
            painter.drawLine(QPointF(x, RULER - 4), QPointF(x, RULER - 1))
            painter.drawText(QPointF(x + 3, RULER - 5), clock(self._times[index]))

    def _paint_strip(self, painter: QPainter) -> None:
        area = QRectF(SIDES, RULER, self.width() - 2 * SIDES, STRIP)
        painter.fillRect(area, self.palette().color(QPalette.ColorRole.AlternateBase))
        sample = self._thumbnails.nearest(0) if self._thumbnails else None
        if sample is None or self._thumbnails is None:
            return
        painter.setClipRect(area)
        width = STRIP * sample.shape[1] / sample.shape[0]
        x = area.left()
        while x < area.right():
            picture = self._thumbnails.nearest(self.index_at(x + width / 2))
            if picture is not None:
                height, across = picture.shape[:2]
                image = QImage(
                    picture.data, across, height, 3 * across, QImage.Format.Format_RGB888
                )
                painter.drawImage(QRectF(x, area.top(), width - 1, STRIP), image)
            x += width
        painter.setClipping(False)

    def _paint_rows(self, painter: QPainter) -> None:
        top, half = RULER + STRIP + GAP, ROWS // 2
        across = self.width() - 2 * SIDES
        for row, name in enumerate("LR"):
            box = QRectF(SIDES, top + row * half, across, half - 1)
            painter.fillRect(box, self.palette().color(QPalette.ColorRole.Window))
            painter.setFont(QFont(self.font().family(), 8))
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            side = QRectF(0, box.top(), SIDES, box.height())
            painter.drawText(side, Qt.AlignmentFlag.AlignCenter, name)
        if self._overview is not None and across > 0:
            painter.drawImage(QPointF(SIDES, top), draw_rows(self._overview, across, ROWS))

    def _paint_loop(self, painter: QPainter) -> None:
        if self._loop is None:
            return
        left, right = self.place_of(self._loop[0]), self.place_of(self._loop[1] + 1)
        shade = QColor(self.palette().color(QPalette.ColorRole.Base))
        shade.setAlpha(170)
        height = self.height() - RULER
        painter.fillRect(QRectF(SIDES, RULER, left - SIDES, height), shade)
        painter.fillRect(QRectF(right, RULER, self.width() - SIDES - right, height), shade)
        painter.setPen(QPen(HEAD, 1.5))
        for x, name, shift in ((left, "A", 3), (right, "B", -11)):
            painter.drawLine(QPointF(x, RULER), QPointF(x, self.height()))
            painter.drawText(QPointF(x + shift, self.height() - 4), name)

    def _paint_hover(self, painter: QPainter, index: int) -> None:
        palette = self.palette()
        x = self.place_of(index + 0.5)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.PlaceholderText), 1))
        painter.drawLine(QPointF(x, RULER), QPointF(x, self.height()))
        ground = palette.color(QPalette.ColorRole.AlternateBase)
        self._paint_label(painter, index, ground, palette.color(QPalette.ColorRole.Text))

    def _paint_head(self, painter: QPainter) -> None:
        x = self.place_of(self._index + 0.5)
        painter.setPen(QPen(HEAD, 2))
        painter.drawLine(QPointF(x, RULER - 2), QPointF(x, self.height()))
        self._paint_label(painter, self._index, HEAD, QColor("#08121d"))

    def _paint_label(self, painter: QPainter, index: int, ground: QColor, ink: QColor) -> None:
        text = f"{clock(self._times[index])} · {index}"
        painter.setFont(QFont(self.font().family(), 8))
        box = QRectF(painter.fontMetrics().boundingRect(text)).adjusted(-6, -2, 6, 2)
        box.moveCenter(QPointF(self.place_of(index + 0.5), RULER / 2))
        box.moveLeft(min(max(box.left(), 0.0), self.width() - box.width()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def clock(seconds: float) -> str:
    """Minutes, seconds and hundredths."""
    return f"{int(seconds // 60)}:{seconds % 60:05.2f}"
