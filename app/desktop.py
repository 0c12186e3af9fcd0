"""The run with a window: opens it, keeps it open, photographs it on request."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app import settings
from app.film import Film
from app.session import Session
from app.signals import POLITE_KILLS, on_signals
from app.sources import Source
from app.views.theme import apply_theme
from app.window import MainWindow
from dfmamba.device import open_device
from dfmamba.errors import UserError
from dfmamba.pipeline import HandEstimator
from dfmamba.weights import describe

if TYPE_CHECKING:
    from app.cli import Options

ICON = Path(__file__).parents[1] / "assets" / "icon.svg"
SCREENSHOT_AFTER_S = 5.0
SCREENSHOT_PATIENCE_S = 12.0
"""How long a screenshot waits where no hand comes."""


def run(options: "Options", source: Source, estimator: HandEstimator) -> int:
    """Open the window on a source and stay until it is closed; returns the exit code.

    With `options.screenshot` it saves a picture or a film of itself after some seconds and leaves.

    Raises:
        UserError: the screenshot was asked for and could not be made.
    """
    app, window = open_window(options, source, estimator)
    if not options.screenshot:  # pictures show the window as it comes
        kept, complaint = settings.load()
        window.restore(kept)
        if complaint:
            window.say(complaint)
    window.show()
    if options.compare:
        window.playback.compare_with(options.compare)
    photograph = _photograph(window, options.screenshot) if options.screenshot else None
    with _closed_by_signals(window):
        app.exec()
    if not options.screenshot:
        settings.save(window.settings)
    window.deleteLater()
    if photograph is not None and not photograph.taken:
        raise UserError(window.session.failure or f"{options.screenshot} could not be written")
    return 0


def open_window(
    options: "Options", source: Source, estimator: HandEstimator
) -> tuple[QApplication, MainWindow]:
    """The program and its window on a source, not shown yet."""
    from app.views.scene.widget import SceneWidget

    app = QApplication.instance() or QApplication(["dfmamba"])
    assert isinstance(app, QApplication)
    app.setApplicationDisplayName("DF-Mamba Live")
    app.setWindowIcon(QIcon(str(ICON)))
    apply_theme(app)
    session = Session(source, estimator, options.fov)
    device, model = open_device(options.device), describe(options.weights)
    window = MainWindow(session, SceneWidget(options.fov), device, model)
    window.exporter.weights = options.weights
    return app, window


def _photograph(window: MainWindow, path: Path) -> "Photograph | Film":
    return Film(window, path) if path.suffix.lower() == ".webp" else Photograph(window, path)


class Photograph:
    """Turns the scan overlay on and, some seconds of results later, saves the window and closes it.

    taken: whether the picture has been saved.
    """

    def __init__(self, window: MainWindow, path: Path) -> None:
        self.taken = False
        self._window, self._path = window, path
        self._start = perf_counter()
        window.store.change(anchors=True, offsets=True)
        self._timer = QTimer(interval=200)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        session = self._window.session
        hands = session.latest is not None and session.latest.estimate.hands
        patience_s = SCREENSHOT_AFTER_S if hands else SCREENSHOT_PATIENCE_S
        if session.failure is None and perf_counter() - self._start <= patience_s:
            return
        self._timer.stop()
        self.taken = session.failure is None and self._window.grab().save(str(self._path))
        self._window.close()


@contextmanager
def _closed_by_signals(window: MainWindow) -> Iterator[None]:
    # Python looks at signals only while its own code runs, which Qt's loop does not by itself.
    awake = QTimer(interval=200)
    awake.timeout.connect(lambda: None)
    awake.start()
    # Not at once: the signal may come while the window is being painted.
    with on_signals(lambda: QTimer.singleShot(0, window.close), "SIGINT", *POLITE_KILLS):
        yield
    awake.stop()
