"""The run with a window: opens it, keeps it open, photographs it on request."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from dfmamba.errors import UserError
from dfmamba.pipeline import HandEstimator
from dfmamba.weights import LoadedNetwork
from dfmamba_live import settings
from dfmamba_live.assets import ICON
from dfmamba_live.photograph import photograph_of
from dfmamba_live.play.session import Session
from dfmamba_live.signals import POLITE_KILLS, on_signals
from dfmamba_live.sources import Source
from dfmamba_live.views.theme import apply_theme
from dfmamba_live.window import MainWindow

if TYPE_CHECKING:
    from dfmamba_live.options import Options


def run(options: "Options", loaded: LoadedNetwork, source: Source, estimator: HandEstimator) -> int:
    """Open the window on a source and stay until it is closed; returns the exit code.

    With `options.screenshot` it saves a picture or a film of itself after some seconds and leaves.

    Raises:
        UserError: the screenshot was asked for and could not be made.
    """
    application, window = open_window(loaded, source, estimator)
    if not options.screenshot:  # pictures show the window as it comes
        kept, complaint = settings.load()
        window.restore(kept)
        if complaint:
            window.say(complaint)
    window.show()
    if options.compare:
        window.playback.compare_with(options.compare)
    photograph = photograph_of(window, options.screenshot) if options.screenshot else None
    with _closed_by_signals(window):
        application.exec()
    if not options.screenshot:
        kept, _ = settings.load()
        settings.save(window.kept_in(kept))
    window.deleteLater()
    if photograph is not None and not photograph.taken:
        raise UserError(window.session.failure or f"{options.screenshot} could not be written")
    return 0


def open_window(
    loaded: LoadedNetwork, source: Source, estimator: HandEstimator
) -> tuple[QApplication, MainWindow]:
    """The program and its window on a source, not shown yet."""
    from dfmamba_live.views.scene.widget import SceneWidget

    application = QApplication.instance() or QApplication(["dfmamba"])
    assert isinstance(application, QApplication)
    application.setApplicationDisplayName("DF-Mamba Live")
    application.setWindowIcon(QIcon(str(ICON)))
    apply_theme(application)
    session = Session(source, estimator)
    window = MainWindow(session, SceneWidget(), loaded.device, loaded.describe())
    window.exporter.weights = loaded.path
    return application, window


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
