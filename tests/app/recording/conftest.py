from contextlib import contextmanager

import numpy as np
import pytest

from dfmamba.frame import Frame
from dfmamba.pose import HandPose
from dfmamba_live.sources.simulated import Simulated


@pytest.fixture
def model():
    return {"name": "hand.safetensors", "sha256": "ab" * 32}


@pytest.fixture
def source():
    return Simulated(64, 48, count=7)


@pytest.fixture
def make_hand():
    """A function that makes a hand with numbers that do not round by themselves."""

    def make(side="left", root=(1.005, -2.0, 400.123)):
        return HandPose(
            side=side,
            score=0.98765,
            box_px=np.array([0.126, 1.126, 40.126, 41.126]),
            joints_px=np.arange(42, dtype=np.float32).reshape(21, 2) + 0.126,
            joints_mm=np.arange(63).reshape(21, 3) * -1.2345,
            root_mm=None if root is None else np.array(root),
            confidence=np.linspace(0, 1, 21),
        )

    return make


@pytest.fixture
def make_frame():
    def make(index=0, file=None, level=0, size=(64, 48), time_s=None):
        image = np.full((size[1], size[0], 3), level, np.uint8)
        return Frame(image, index / 30 if time_s is None else time_s, index=index, file=file)

    return make


@pytest.fixture
def short_disk():
    """A context in which files grow to so many bytes, as on a disk that is full."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    @contextmanager
    def limited(size):
        # No longer than needed: the report of the tests may be a file as well.
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited
