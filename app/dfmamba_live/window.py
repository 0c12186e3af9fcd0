"""The window: where the views are, and what flows from the session and the state to them."""

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import torch
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from dfmamba.device import device_name
from dfmamba_live import actions
from dfmamba_live.about import about_html
from dfmamba_live.controllers.cameras import Cameras
from dfmamba_live.controllers.capture import Capture
from dfmamba_live.controllers.exporter import Exporter
from dfmamba_live.controllers.opening import Files
from dfmamba_live.controllers.playback import Playback
from dfmamba_live.play.session import Session
from dfmamba_live.result import Result
from dfmamba_live.settings import Settings
from dfmamba_live.sources import DEMO, Source
from dfmamba_live.state import Changes, Store, ViewState
from dfmamba_live.views.cards import HandCards
from dfmamba_live.views.difference import DifferenceView
from dfmamba_live.views.image import ImageView
from dfmamba_live.views.plots.speed import SpeedPlots
from dfmamba_live.views.scan.overlay import ScanOverlay
from dfmamba_live.views.scan.panel import ScanView
from dfmamba_live.views.status import StatusLine
from dfmamba_live.views.text_window import Page
from dfmamba_live.views.transport import TransportBar

if TYPE_CHECKING:
    from dfmamba_live.views.scene.widget import SceneWidget

RIGHT, BOTTOM = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea


class MainWindow(QMainWindow):
    """Shows a session. A view gets its place in `_lay_out` and what it shows in `_wire`.

    device: where the network runs. model: name and SHA-256 of its weights. Its views and
    controllers are attributes by their names; docks: the panels by their titles; commands: the
    actions by their texts.
    """

    def __init__(
        self,
        session: Session,
        scene: "SceneWidget",
        device: torch.device,
        model: Mapping[str, str],
    ) -> None:
        super().__init__()
        self.session = session
        self.store = Store(ViewState(mirrored=session.source.kind == "camera"))
        self.overlay, self.scene = ScanOverlay(), scene
        self.image, self.close_up = ImageView(self.overlay), ImageView(self.overlay, True)
        self.cards, self.scan = HandCards(), ScanView()
        self.speed = SpeedPlots(device_name(device))
        self.status = StatusLine(device_name(device), model["name"], device.type == "cuda")
        self.bar, self.difference = TransportBar(), DifferenceView()
        self.files, self.cameras = Files(self, session), Cameras(self, session)
        self.capture = Capture(session, self.store, model)
        self.exporter = Exporter(self, session, device)
        self.playback = Playback(self, session, self.store, self.bar, device)
        self.docks: dict[str, QDockWidget] = {}
        self._lay_out()
        owners = actions.Owners(
            window=self,
            files=self.files,
            cameras=self.cameras,
            capture=self.capture,
            exporter=self.exporter,
            playback=self.playback,
            scene=scene,
            scan=self.scan,
        )
        panels = [dock.toggleViewAction() for dock in self.docks.values()]
        self.commands = actions.build(self, self.store, owners, panels)
        self.bar.connect_actions(self.commands)
        self._wire()
        session.start()
        self.cameras.look()

    def show_help(self) -> None:
        """Show all keys."""
        Page("Keys", actions.help_html(), self).show()

    def show_about(self) -> None:
        """Show what the program is made of."""
        Page("About", about_html(), self).show()

    def say(self, message: str, lasting: bool = False) -> None:
        """Show a line for people for some seconds, or until the next one."""
        self.status.say(message, lasting)

    def kept_in(self, settings: Settings) -> Settings:
        """The settings with what to remember of the window for the next run."""
        geometry, docks = (
            bytes(state.toBase64().data()).decode()
            for state in (self.saveGeometry(), self.saveState())
        )
        return replace(settings, geometry=geometry, docks=docks, recent=self.files.recent)

    def restore(self, settings: Settings) -> None:
        """Be as in an earlier run; what does not fit, as of another version, is let be."""
        self.files.recent = settings.recent
        self.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode()))
        self.restoreState(QByteArray.fromBase64(settings.docks.encode()))
        self.store.change(full_screen=self.isFullScreen())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Let the panels keep their share, so that a small window still shows the frame."""
        super().resizeEvent(event)
        old, new = event.oldSize(), event.size()
        docks = [dock for dock in self.docks.values() if dock.isVisible()]
        if old.isValid() and docks:
            widths = [round(dock.width() * new.width() / old.width()) for dock in docks]
            heights = [round(dock.height() * new.height() / old.height()) for dock in docks]
            self.resizeDocks(docks, widths, Qt.Orientation.Horizontal)
            self.resizeDocks(docks, heights, Qt.Orientation.Vertical)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Leave the full screen by Escape, too."""
        if event.key() == Qt.Key.Key_Escape:
            self.store.change(full_screen=False)
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt's name)
        """Take files and folders."""
        path = self.files.dropped(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.say(f"drop to play {path.name}")

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt's name)
        """Play what was dropped."""
        path = self.files.dropped(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.files.open_path(path)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Stop the threads before the views go."""
        self.cameras.close()
        self.session.close()
        self.capture.close()
        self.exporter.close()
        self.scene.close()
        super().closeEvent(event)

    # Where the views are.

    def _lay_out(self) -> None:
        self.resize(1560, 960)
        self.setAcceptDrops(True)
        self.setStatusBar(self.status)
        self.setCentralWidget(_stacked(self.image, self.bar, self.cards))
        self.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        scene = self._dock("Hand in 3D", self.scene, RIGHT)
        close_up = self._dock("Hand close-up", self.close_up, RIGHT)
        scan = self._dock("Deformable scan", self.scan, RIGHT)
        speed = self._dock("Speed", self.speed, BOTTOM)
        compare = self._dock("Comparison", self.difference, RIGHT)
        compare.hide()
        self.tabifyDockWidget(close_up, scan)
        self.tabifyDockWidget(scan, compare)
        self.resizeDocks([scene, speed], [560, 560], Qt.Orientation.Horizontal)
        self.resizeDocks([scene, scan, speed], [490, 370, 190], Qt.Orientation.Vertical)

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        """Put a view into a panel, which the View menu hides and shows."""
        dock = QDockWidget(title, self)
        dock.setObjectName(title)
        dock.setWidget(widget)
        # The view inside is told that it is hidden only after this signal.
        dock.visibilityChanged.connect(self._trace, Qt.ConnectionType.QueuedConnection)
        self.addDockWidget(area, dock)
        self.docks[title] = dock
        return dock

    # What the views show.

    def _wire(self) -> None:
        session = self.session
        session.opened.connect(self._show_source)
        session.result.connect(self._show_result)
        session.away.connect(self._show_away)
        session.failed.connect(self._show_failure)
        session.refused.connect(self.say)
        session.ended.connect(lambda: self.say("the source has ended", lasting=True))
        for teller in (self.cameras, self.capture, self.exporter, self.playback, self.scene):
            teller.told.connect(self.say)
        self.capture.recorded.connect(self.status.show_recorded)
        self.playback.compared.connect(self._show_comparison)
        # Queued: the slot runs once the painted window has gone to the screen, not before.
        self.image.painted.connect(self._measure, Qt.ConnectionType.QueuedConnection)
        self.scene.renderer.connect(self.status.show_renderer)
        self.scan.chosen.connect(self._change)
        self.store.changed.connect(self._show_state)
        self._show_state(self.store.state)

    def _show_source(self, source: Source) -> None:
        self.store.change(paused=False, mirrored=source.kind == "camera")
        self.setWindowTitle(source.name)  # Qt adds the program's name
        self.status.show_source(source.name)
        self.speed.clear()
        self.cards.show_estimate(None)
        self.overlay.show_estimate(None)
        self.image.show_result(None)
        self.image.show_note("")
        if source.path == DEMO:
            self.say("the built-in clip; press C for a camera, or drop a video here", lasting=True)

    def _show_result(self, result: Result) -> None:
        self.overlay.show_estimate(result.estimate)
        for view in (self.image, self.close_up):
            view.show_result(result)
        self.status.show_result(result)
        if result.pending:  # the rest keeps what it shows until the hands are there
            return
        self.difference.show_difference(result.difference)
        self.cards.show_estimate(result.estimate)
        self.scene.show_result(result)
        traces = [region.traces for region in result.estimate.regions]
        self.scan.add(perf_counter(), traces)

    def _show_comparison(self, on: bool) -> None:
        self.docks["Comparison"].setVisible(on)
        self.docks["Comparison"].raise_()

    def _measure(self, result: Result) -> None:
        if not result.pending:
            self.speed.add(result, perf_counter())

    def _show_away(self, reason: str) -> None:
        """Say why there is no picture for now; a source that just starts is not back."""
        self.image.show_note(reason)
        if reason:
            self.say(reason, lasting=True)
        else:
            starting = self.session.latest is None
            self.say("" if starting else f"{self.session.source.name} is back")

    def _show_failure(self, message: str) -> None:
        self.say(message, lasting=True)
        self.image.show_note(message)

    def _show_state(self, state: ViewState) -> None:
        self.session.pause(state.paused)
        self._trace()
        for view in (self.overlay, self.image, self.close_up, self.scan, self.scene):
            view.show_state(state)
        if state.full_screen != self.isFullScreen():
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _change(self, changes: Changes) -> None:
        self.store.change(**changes)

    def _trace(self) -> None:
        """Have the scan read while somebody looks, and at no cost while nobody does."""
        self.session.trace(self.store.state.overlaid or self.scan.isVisible())


def _stacked(*widgets: QWidget) -> QWidget:
    """Widgets below one another, the first one taking the room."""
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for index, widget in enumerate(widgets):
        layout.addWidget(widget, 1 if index == 0 else 0)
    return whole
