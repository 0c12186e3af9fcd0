import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first import of Qt

import gc
import shutil
from pathlib import Path
from threading import enumerate as threads
from time import perf_counter, sleep

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from dfmamba_live.sources import DEMO

PATIENCE_S = 2.0


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory, monkeypatch):
    """Tests never touch the person's own settings, pictures and videos."""
    folder = tmp_path_factory.mktemp("settings")
    monkeypatch.setattr("dfmamba_live.settings.user_config_path", lambda name: folder / name)
    monkeypatch.setattr(
        "dfmamba_live.controllers.capture.QStandardPaths.writableLocation", lambda _: str(folder)
    )


@pytest.fixture
def copy_clip(tmp_path):
    """A function that puts the built-in clip under a name of its own."""
    return lambda name: Path(shutil.copy(DEMO, tmp_path / name))


@pytest.fixture(autouse=True)
def no_thread_left():
    """After a test no thread runs on, but for the moment that some take to find their end."""
    before = set(threads())
    yield
    patience = perf_counter() + PATIENCE_S
    while (left := set(threads()) - before) and perf_counter() < patience:
        sleep(0.01)
    assert not left


@pytest.fixture(autouse=True)
def no_widget_left():
    """After a test nothing stands open, hidden or shown; pytest-qt has closed what it was given."""
    before = _open_widgets()
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if _open_widgets() - before:
        gc.collect()  # pyqtgraph's plots hold their menus in a circle
    assert not _open_widgets() - before


def _open_widgets():
    dfmamba_live = QApplication.instance()
    widgets = dfmamba_live.topLevelWidgets() if isinstance(dfmamba_live, QApplication) else []
    return {each for each in widgets if each.parent() is None}
