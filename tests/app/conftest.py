import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first import of Qt

from threading import enumerate as threads

import pytest


@pytest.fixture
def no_thread_left():
    before = set(threads())
    yield
    assert set(threads()) <= before
