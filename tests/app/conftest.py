import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first import of Qt

import shutil
from pathlib import Path
from threading import enumerate as threads

import pytest

from app.sources import DEMO


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory, monkeypatch):
    """Tests never touch the person's own settings."""
    folder = tmp_path_factory.mktemp("settings")
    for module in ("app.sources.remembered", "app.settings"):
        monkeypatch.setattr(f"{module}.user_config_path", lambda name: folder / name)


@pytest.fixture
def copy_clip(tmp_path):
    """A function that puts the built-in clip under a name of its own."""
    return lambda name: Path(shutil.copy(DEMO, tmp_path / name))


@pytest.fixture
def no_thread_left():
    before = set(threads())
    yield
    assert set(threads()) <= before
