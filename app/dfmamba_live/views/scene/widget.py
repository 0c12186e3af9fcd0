"""The 3D viewport: the hands before the camera, turned, moved and zoomed with the mouse."""

from collections.abc import Callable, Sequence
from time import perf_counter

from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from dfmamba_live.result import Result
from dfmamba_live.state import ViewState
from dfmamba_live.views.painting import painting
from dfmamba_live.views.scene import labels, orbit
from dfmamba_live.views.scene.assembly import Stage
from dfmamba_live.views.scene.content import Renderer, SceneView
from dfmamba_live.views.scene.drawer import RENDERERS, Drawer, Drawing
from dfmamba_live.views.scene.look import DARK, LIGHT, Look
from dfmamba_live.views.scene.orbit import Orbit, Point

REDRAW_MS = 33
TRANSITION_MS = 200
THINNEST, THICKEST, THICKER = 0.5, 2.5, 1.25
HINT = "Drag: turn · right drag: move · wheel: zoom · double click: back"


class SceneWidget(QWidget):
    """Shows the latest hands; draws only when they or the view have changed, 30 times a second.

    Left drag turns, right or middle drag moves, the wheel zooms, a double click goes back.
    `renderer` tells the name of what draws, `told` carries lines on why another one does.
    """

    renderer = Signal(str)
    told = Signal(str)

    def __init__(
        self,
        renderers: Sequence[Callable[[], Renderer]] = RENDERERS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Hands in 3D")
        self.setMinimumSize(200, 160)
        self.setToolTip(HINT)
        self.setMouseTracking(True)
        self._state = ViewState()
        self._stage = Stage()
        self._orbit = orbit.home((0.0, 0.0, 0.0), 0.0)  # its target counts from the stage's focus
        self._thickness = 1.0
        self._drawing: Drawing | None = None
        self._held: QPointF | None = None
        self._pointer: QPointF | None = None
        self._redrawn = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._redraw)
        self._transition = QVariantAnimation(self, startValue=0.0, endValue=1.0)
        self._transition.setDuration(TRANSITION_MS)
        self._transition.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._transition.valueChanged.connect(self._go_on)
        self._way = self._orbit, self._orbit
        self._drawer: Drawer | None = Drawer(renderers)
        self._drawer.drawn.connect(self._show)
        self._drawer.renderer.connect(self.renderer)
        self._drawer.told.connect(self.told)

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        """Room for two hands."""
        return QSize(490, 380)

    # What is shown.

    def show_result(self, result: Result) -> None:
        """Show the hands of a result."""
        frame, estimate = result.frame, result.estimate
        height, width = frame.image.shape[:2]
        self._stage.set_camera(estimate.camera, width, height)
        self._stage.take(estimate.hands, frame.time_s, self._state.following)
        self._redraw_soon()

    def show_state(self, state: ViewState) -> None:
        """Draw with other settings."""
        self._state = state
        self._redraw_soon()

    def thicken(self) -> None:
        """Draw the hands thicker."""
        self._thickness = min(self._thickness * THICKER, THICKEST)
        self._redraw_soon()

    def thin(self) -> None:
        """Draw the hands thinner."""
        self._thickness = max(self._thickness / THICKER, THINNEST)
        self._redraw_soon()

    # From where it is seen.

    def look_home(self) -> None:
        """The hands from beside, as at the start."""
        self._go(orbit.home)

    def look_front(self) -> None:
        """The hands as the camera sees them."""
        self._go(orbit.front)

    def look_own(self) -> None:
        """The hands as their owner sees them."""
        self._go(orbit.own)

    def look_side(self) -> None:
        """Camera and hands from the side."""
        self._go(orbit.side)

    def look_top(self) -> None:
        """Camera and hands from above."""
        self._go(orbit.top)

    def _go(self, preset: Callable[[Point, float], Orbit]) -> None:
        x, y, z = self._stage.focus.tolist()
        self._way = self._orbit, preset((x, y, z), self._stage.reach_mm).moved(-self._stage.focus)
        self._transition.stop()
        self._transition.start()

    def _go_on(self, share: float) -> None:
        start, end = self._way
        self._turn(start.towards(end, share))

    def _turn(self, view: Orbit) -> None:
        self._orbit = view
        self._redraw_soon()

    # From the scene to the screen.

    def _redraw_soon(self) -> None:
        if not self._timer.isActive():
            passed_ms = 1000 * (perf_counter() - self._redrawn)
            self._timer.start(max(0, round(REDRAW_MS - passed_ms)))

    def _redraw(self) -> None:
        if self._drawer is None or not self.isVisible() or self.window().isMinimized():
            return
        self._redrawn = perf_counter()
        seen = self._orbit.moved(self._stage.focus)
        scene = self._stage.scene(seen, self._look(), self._thickness, self._state.trails)
        self._drawer.draw(SceneView(scene, seen, *self._pixels()))

    def _pixels(self) -> tuple[int, int]:
        """The size of a picture that fills the widget, in the screen's own pixels."""
        ratio = self.devicePixelRatioF()
        return round(self.width() * ratio), round(self.height() * ratio)

    def _show(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self.update()

    def _look(self) -> Look:
        return DARK if self.palette().window().color().lightness() < 128 else LIGHT

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """The drawn scene, and words over it."""
        with painting(self) as painter:
            look = self._look()
            painter.fillRect(self.rect(), QColor(*look.background))
            painter.setRenderHints(
                QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
            )
            if self._drawing is None:
                painter.setPen(QColor(*look.faint))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Opening the 3D view")
            else:
                painter.drawImage(self._target(self._drawing.view), self._drawing.image)
                self._paint_words(painter, self._drawing.view, look)
                if (self._drawing.view.width, self._drawing.view.height) != self._pixels():
                    self._redraw_soon()

    def _target(self, view: SceneView) -> QRectF:
        """Where the picture of a view goes: one of another size is scaled by height until drawn."""
        width = self.height() * view.width / view.height
        return QRectF((self.width() - width) / 2, 0, width, self.height())

    def _paint_words(self, painter: QPainter, view: SceneView, look: Look) -> None:
        size, seen, hands = self.size(), view.orbit, view.scene.hands
        labels.paint_distances(painter, seen, view.scene.ground_mm, size, look)
        labels.paint_camera(painter, seen, size, look)
        labels.paint_axes(painter, seen, size, look)
        labels.paint_hands(painter, hands, seen, size, look)
        if not hands:
            painter.setPen(QColor(*look.faint))
            top = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter
            painter.drawText(self.rect().adjusted(0, 16, 0, 0), top, "No hand in view")
        hover = self._hover()
        if hover is not None:
            labels.paint_hover(painter, hover, size, look)

    def _hover(self) -> labels.Hover | None:
        if self._pointer is None or self._held is not None or self._drawing is None:
            return None
        view = self._drawing.view
        return labels.joint_under(view.scene.hands, view.orbit, self.size(), self._pointer)

    # What the mouse does.

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the view."""
        self._held = event.position()
        self._transition.stop()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802
        """Let go of the view."""
        self._held = None
        self.unsetCursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Turn with the left button, move with another; with none, look at a joint."""
        self._pointer = event.position()
        if self._held is None:
            self.setToolTip("" if self._hover() else HINT)  # a joint's place is enough to read
            self.update()
            return
        moved = event.position() - self._held
        self._held = event.position()
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._turn(self._orbit.dragged(moved.x(), moved.y()))
        else:
            self._turn(self._orbit.panned(moved.x(), moved.y(), self.height()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: ARG002, N802
        """No joint is looked at any more."""
        self._pointer = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom."""
        self._transition.stop()
        self._turn(self._orbit.zoomed(event.angleDelta().y() / 120))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802
        """Go back to the first view."""
        self.look_home()

    # What calls for another picture, and the end.

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Draw what came while hidden."""
        super().showEvent(event)
        self._redraw_soon()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Draw with the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw_soon()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stop drawing and free the renderer."""
        self._timer.stop()
        self._transition.stop()
        if self._drawer is not None:
            self._drawer.close()
            self._drawer = None
        super().closeEvent(event)
