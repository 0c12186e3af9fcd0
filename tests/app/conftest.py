import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first import of Qt

from threading import enumerate as threads

import pytest


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory, monkeypatch):
    """Tests never touch the person's own settings."""
    folder = tmp_path_factory.mktemp("settings")
    monkeypatch.setattr("app.sources.remembered.user_config_path", lambda name: folder / name)


@pytest.fixture
def no_thread_left():
    before = set(threads())
    yield
    assert set(threads()) <= before
