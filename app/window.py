"""The window: where the views are, and what flows from the session and the state to them."""

from time import perf_counter
from typing import TYPE_CHECKING

import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMessageBox, QVBoxLayout, QWidget

from app import actions
from app.files import Files
from app.session import Session
from app.sources import Source
from app.state import Store, ViewState
from app.views.cards import HandCards
from app.views.image import ImageView
from app.views.plots import SpeedPlots
from app.views.scan import ScanView
from app.views.status import StatusLine
from app.worker import Result
from dfmamba.device import device_name

if TYPE_CHECKING:
    from app.views.scene_widget import SceneWidget

RIGHT, BOTTOM = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea


class MainWindow(QMainWindow):
    """Shows a session. A view gets its place in `_lay_out` and what it shows in `_wire`.

    device: where the network runs.
    """

    def __init__(self, session: Session, scene: "SceneWidget", device: torch.device) -> None:
        super().__init__()
        self.session = session
        self.store = Store(ViewState(mirrored=session.source.kind == "camera"))
        self._image, self._close_up, self._scene = ImageView(), ImageView(close_up=True), scene
        self._cards, self._scan = HandCards(), ScanView()
        self._speed = SpeedPlots(device_name(device))
        self._status = StatusLine(device_name(device), device.type == "cuda", scene.renderer_name)
        self._files = Files(self, session)
        self._docks: dict[str, QDockWidget] = {}
        self._lay_out()
        owners = {"window": self, "files": self._files, "scene": scene}
        panels = [dock.toggleViewAction() for dock in self._docks.values()]
        self._actions = actions.build(self, self.store, owners, panels)
        self._wire()
        session.start()

    def show_help(self) -> None:
        """Show all keys."""
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Keys", actions.help_html(), parent=self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Stop the threads before the views go."""
        self.session.close()
        self._scene.close()
        super().closeEvent(event)

    # Where the views are.

    def _lay_out(self) -> None:
        self.setWindowTitle("DF-Mamba Live")
        self.resize(1560, 960)
        self.setStatusBar(self._status)
        self.setCentralWidget(_stacked(self._image, self._cards))
        self.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        scene = self._dock("Hand in 3D", self._scene, RIGHT)
        close_up = self._dock("Hand close-up", self._close_up, RIGHT)
        scan = self._dock("Deformable scan", self._scan, RIGHT)
        speed = self._dock("Speed", self._speed, BOTTOM)
        self.splitDockWidget(close_up, scan, Qt.Orientation.Horizontal)
        self.resizeDocks([close_up, scan], [330, 290], Qt.Orientation.Horizontal)
        self.resizeDocks([scene, close_up, speed], [490, 370, 210], Qt.Orientation.Vertical)

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        """Put a view into a panel, which the View menu hides and shows."""
        dock = QDockWidget(title, self)
        dock.setObjectName(title)
        dock.setWidget(widget)
        # The view inside is told that it is hidden only after this signal.
        dock.visibilityChanged.connect(self._trace, Qt.ConnectionType.QueuedConnection)
        self.addDockWidget(area, dock)
        self._docks[title] = dock
        return dock

    # What the views show.

    def _wire(self) -> None:
        session, status = self.session, self._status
        session.opened.connect(self._show_source)
        session.result.connect(self._show_result)
        session.away.connect(lambda reason: status.say(reason, lasting=True))
        session.failed.connect(self._show_failure)
        session.refused.connect(status.say)
        session.ended.connect(lambda: status.say("the source has ended", lasting=True))
        self._files.told.connect(status.say)
        # Queued: the slot runs once the painted window has gone to the screen, not before.
        self._image.painted.connect(self._measure, Qt.ConnectionType.QueuedConnection)
        self._scan.layer_chosen.connect(lambda layer: self.store.change(layer=layer))
        self.store.changed.connect(self._show_state)
        self._show_state(self.store.state)

    def _show_source(self, source: Source) -> None:
        self.store.change(paused=False, mirrored=source.kind == "camera")
        self._status.show_source(source.name)
        self._speed.clear()
        self._cards.show_estimate(None)
        self._image.show_result(None, "Waiting for the first frame")

    def _show_result(self, result: Result) -> None:
        for view in (self._image, self._close_up):
            view.show_result(result)
        self._cards.show_estimate(result.estimate)
        self._scene.show_hands(result.estimate.hands)
        self._scan.add(perf_counter(), result.estimate.traces)
        self._status.show_result(result)

    def _measure(self, result: Result) -> None:
        self._speed.add(result, perf_counter())

    def _show_failure(self, message: str) -> None:
        self._status.say(message, lasting=True)
        if self.session.latest is None:
            self._image.show_result(None, message)

    def _show_state(self, state: ViewState) -> None:
        self.session.pause(state.paused)
        self._trace()
        for view in (self._image, self._close_up):
            view.show_state(state)
        self._scan.choose(state.layer)
        if state.full_screen != self.isFullScreen():
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _trace(self) -> None:
        """Have the scan read while somebody looks, and at no cost while nobody does."""
        self.session.trace(self.store.state.overlaid or self._scan.isVisible())


def _stacked(*widgets: QWidget) -> QWidget:
    """Widgets below one another, the first one taking the room."""
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for index, widget in enumerate(widgets):
        layout.addWidget(widget, 1 if index == 0 else 0)
    return whole
