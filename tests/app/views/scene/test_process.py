import os
import signal
from multiprocessing import active_children

import numpy as np
import pytest
from scene_parts import make_view

from dfmamba_live.views.scene.content import RenderError
from dfmamba_live.views.scene.orbit import Orbit
from dfmamba_live.views.scene.process import ProcessRenderer


class Echo:
    """Answers with the view's size; at pitch 1 it fails, at pitch 2 its process dies."""

    name = "echo"

    def render(self, view):
        if view.orbit.pitch == 1:
            raise RenderError("no OpenGL")
        if view.orbit.pitch == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(1, b"a driver's chatter\n")
        return np.full((view.height, view.width, 3), 7, np.uint8)

    def close(self):
        pass


class Absent(Echo):
    def __init__(self):
        raise RenderError("Open3D cannot be loaded")


@pytest.fixture
def make():
    made = []

    def start(renderer):
        made.append(ProcessRenderer("echo", renderer))
        return made[-1]

    yield start
    for each in made:
        each.close()
        each.close()
    assert active_children() == []


def test_pictures_come_back(make, capfd):
    echo = make(Echo)
    for _ in range(3):
        picture = echo.render(make_view(Orbit()))
    assert picture.shape == (240, 320, 3)
    assert (picture == 7).all()
    echo.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("renderer", "pitch", "reason"),
    [(Echo, 1, "no OpenGL"), (Echo, 2, "has ended"), (Absent, 0, "cannot be loaded")],
)
def test_what_fails_there_is_told_here(make, renderer, pitch, reason):
    with pytest.raises(RenderError, match=reason):
        make(renderer).render(make_view(Orbit(pitch=pitch)))


def test_one_that_hangs_is_given_up(make, monkeypatch):
    monkeypatch.setattr("dfmamba_live.views.scene.process.START_PATIENCE_S", 0.01)
    with pytest.raises(RenderError, match="has not answered"):
        make(Echo).render(make_view(Orbit()))
