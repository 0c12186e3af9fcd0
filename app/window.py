"""The window: the frame, the hand in 3D, the scan and the speed, side by side."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QFileDialog,
    QMainWindow,
    QMessageBox,
    QWidget,
)

from app import actions
from app.sources import Source, open_source
from app.state import ViewState
from app.views.image import ImageView
from app.views.plots import SpeedPlots
from app.views.scan import ScanView
from app.views.status import StatusLine
from app.views.theme import apply_theme
from app.worker import Result, Worker
from dfmamba.errors import UserError
from dfmamba.pipeline import HandEstimator

if TYPE_CHECKING:
    from app.cli import Options
    from app.views.scene_widget import SceneWidget

VIDEOS = "Videos (*.mp4 *.mov *.avi *.mkv *.webm);;All files (*)"
SCREENSHOT_AFTER_S = 5.0
SCREENSHOT_PATIENCE_S = 12.0
"""How long a screenshot waits where no hand comes."""


class MainWindow(QMainWindow):
    """Shows a source live. It owns the worker and the views; source and estimator are lent.

    failure: the last thing that went wrong with the source or the estimator, or None.
    photographed: whether `photograph` has saved its picture.
    """

    def __init__(
        self, options: "Options", source: Source, estimator: HandEstimator, scene: "SceneWidget"
    ) -> None:
        super().__init__()
        self.failure: str | None = None
        self.photographed = False
        self._options, self._estimator = options, estimator
        self._own_source: Source | None = None
        self._result: Result | None = None
        self._image, self._close_up, self._scene = ImageView(), ImageView(close_up=True), scene
        self._speed, self._scan = SpeedPlots(), ScanView()
        self._status = StatusLine(options.device, scene.renderer_name)
        self.setStatusBar(self._status)
        self._image.painted.connect(self._measure)
        self._scan.layer_chosen.connect(self.choose_layer)
        panels = self._lay_out()
        self._actions = actions.build(self, panels)
        self.state = ViewState(mirrored=source.kind == "camera")
        self._show_state()
        self._play(source)

    # The commands of `app.actions`.

    def open_video(self) -> None:
        """Ask for a video file and play it."""
        name, _ = QFileDialog.getOpenFileName(self, "Open video", "", VIDEOS)
        if name:
            self.play_video(Path(name))

    def play_video(self, path: Path) -> None:
        """Play a video file from now on; one that cannot be read leaves all as it is."""
        try:
            source = open_source(None, path, None, loop=True)
        except UserError as error:
            self._status.say(str(error))
            return
        self._worker.stop()
        self._close_own_source()
        self._estimator.reset()
        self._own_source = source
        self._result = None
        self._change(paused=False, mirrored=False)
        self._play(source)

    def save_screenshot(self) -> None:
        """Save the window as a picture in the person's own pictures folder."""
        folder = Path(
            QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        )
        if not folder.is_dir():
            folder = Path.home()
        path = folder / f"dfmamba-{datetime.now():%Y%m%d-%H%M%S}.png"
        self._status.say(
            f"saved {path}" if self.save_picture(path) else f"{path} could not be written"
        )

    def set_paused(self, paused: bool) -> None:
        """Hold the picture, or go on."""
        self._change(paused=paused)

    def set_mirrored(self, mirrored: bool) -> None:
        """Paint the picture as in a mirror, or as it is."""
        self._change(mirrored=mirrored)

    def set_anchors(self, anchors: bool) -> None:
        """Show the anchors over the hand, or not."""
        self._change(anchors=anchors)

    def set_offsets(self, offsets: bool) -> None:
        """Show the offsets over the hand, or not."""
        self._change(offsets=offsets)

    def choose_layer(self, layer: int) -> None:
        """Look into another deformable layer, 0-based."""
        self._change(layer=layer)
        if self.state.paused and self._result is not None:
            self._worker.again(self._result.frame)

    def reset_view(self) -> None:
        """Look at the 3D hand from the camera again."""
        self._scene.reset_view()

    def set_full_screen(self, full: bool) -> None:
        """Fill the screen, or not."""
        self.setWindowState(
            Qt.WindowState.WindowFullScreen if full else Qt.WindowState.WindowNoState
        )

    def show_help(self) -> None:
        """Show all keys."""
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Keys", actions.help_html(), parent=self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    # The parts.

    def _lay_out(self) -> list[QAction]:
        """Put the views in their places; the actions that hide and show them."""
        self.setWindowTitle("DF-Mamba Live")
        self.resize(1560, 960)
        self.setCentralWidget(self._image)
        right, bottom = (
            Qt.DockWidgetArea.RightDockWidgetArea,
            Qt.DockWidgetArea.BottomDockWidgetArea,
        )
        self.setCorner(Qt.Corner.BottomRightCorner, right)
        scene = self._dock("Hand in 3D", self._scene, right)
        close_up = self._dock("Hand close-up", self._close_up, right)
        scan = self._dock("Deformable scan", self._scan, right)
        speed = self._dock("Speed", self._speed, bottom)
        self.splitDockWidget(close_up, scan, Qt.Orientation.Horizontal)
        self.resizeDocks([close_up, scan], [330, 290], Qt.Orientation.Horizontal)
        self.resizeDocks([scene, close_up, speed], [490, 370, 210], Qt.Orientation.Vertical)
        return [dock.toggleViewAction() for dock in (scene, close_up, scan, speed)]

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(title)
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    # From the source to the views.

    def _play(self, source: Source) -> None:
        self.failure = None
        self._status.show_source(source.name)
        self._image.show_result(None, "Waiting for the first frame")
        self._worker = Worker(source, self._estimator, self._options.fov)
        self._worker.trace_layer = self.state.layer
        self._worker.ready.connect(self._show_result)
        self._worker.failed.connect(self._fail)
        self._worker.ended.connect(lambda: self._status.say("the source has ended", lasting=True))
        self._worker.start()

    def _show_result(self) -> None:
        result = self._worker.take()
        if result is None:
            return
        self._result = result
        for view in (self._image, self._close_up):
            view.show_result(result)
        self._scene.show_hands(result.estimate.hands)
        if result.layer == self.state.layer:
            self._scan.add(perf_counter(), result.estimate.traces)
        self._status.show_result(result)

    def _measure(self, result: Result) -> None:
        now = perf_counter()
        self._speed.add(now, result.estimate.stage_ms, 1000 * (now - result.frame.captured))

    def _fail(self, message: str) -> None:
        self.failure = message
        self._status.say(message, lasting=True)
        if self._result is None:
            self._image.show_result(None, message)

    def _change(self, **changes: bool | int) -> None:
        before, self.state = self.state, replace(self.state, **changes)  # type: ignore[arg-type]
        if self.state != before:
            self._worker.pause(self.state.paused)
            self._worker.trace_layer = self.state.layer
            self._show_state()

    def _show_state(self) -> None:
        state = self.state
        for view in (self._image, self._close_up):
            view.show_state(state)
        self._scan.choose(state.layer)
        switches = {
            "Pause": state.paused,
            "Mirror": state.mirrored,
            "Anchors": state.anchors,
            "Offsets": state.offsets,
            f"Layer {state.layer + 1}": True,
        }
        for text, on in switches.items():
            self._actions[text].setChecked(on)

    def save_picture(self, path: Path) -> bool:
        """Save the window as a picture; False where that cannot be written."""
        return self.grab().save(str(path))

    def photograph(self, path: Path) -> None:
        """Turn the scan overlay on and, some seconds of results later, save a picture and close."""
        self._change(anchors=True, offsets=True)
        start = perf_counter()

        def look() -> None:
            waited = perf_counter() - start
            hands = self._result is not None and self._result.estimate.hands
            enough = waited > (SCREENSHOT_AFTER_S if hands else SCREENSHOT_PATIENCE_S)
            if not enough and self.failure is None:
                return
            timer.stop()
            self.photographed = self.failure is None and self.save_picture(path)
            self.close()

        timer = QTimer(self, interval=200)
        timer.timeout.connect(look)
        timer.start()

    # The end.

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Stop the threads before the views go."""
        self._worker.stop()
        self._close_own_source()
        self._scene.close()
        super().closeEvent(event)

    def _close_own_source(self) -> None:
        if self._own_source is not None:
            self._own_source.close()
            self._own_source = None


def run(options: "Options", source: Source, estimator: HandEstimator) -> int:
    """Open the window on a source and stay until it is closed; returns the exit code.

    With `options.screenshot` it saves a picture of itself after some seconds and leaves.

    Raises:
        UserError: the screenshot was asked for and could not be made.
    """
    from app.views.scene_widget import SceneWidget

    app = QApplication.instance() or QApplication(["dfmamba"])
    assert isinstance(app, QApplication)
    apply_theme(app)
    window = MainWindow(options, source, estimator, SceneWidget())
    window.show()
    if options.screenshot is not None:
        window.photograph(options.screenshot)
    with _closed_by_ctrl_c(window):
        app.exec()
    if options.screenshot is not None and not window.photographed:
        raise UserError(window.failure or f"{options.screenshot} could not be written")
    return 0


@contextmanager
def _closed_by_ctrl_c(window: MainWindow) -> Iterator[None]:
    before = signal.signal(signal.SIGINT, lambda *_: window.close())
    # Python looks at signals only while its own code runs, which Qt's loop does not by itself.
    awake = QTimer(interval=200)
    awake.timeout.connect(lambda: None)
    awake.start()
    try:
        yield
    finally:
        awake.stop()
        signal.signal(signal.SIGINT, before)
