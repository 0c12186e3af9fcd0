import os
import signal
from multiprocessing import active_children
from threading import Timer
from time import sleep

import numpy as np
import pytest
from scene_parts import make_view

from dfmamba_live.views.scene.content import RenderError, Scene, SceneView
from dfmamba_live.views.scene.orbit import Orbit
from dfmamba_live.views.scene.process import ProcessRenderer


class Echo:
    """Answers with the view's size; at pitch 1 it fails, at pitch 2 its process dies."""

    name = "echo"
    ready = True

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


def test_one_that_hangs_at_its_start_is_given_up(make, monkeypatch):
    monkeypatch.setattr("dfmamba_live.views.scene.process.PATIENCE_S", 0.01)
    monkeypatch.setattr("dfmamba_live.views.scene.process.START_PATIENCE_S", 0.01)
    with pytest.raises(RenderError, match="has not answered"):
        make(Echo).render(make_view(Orbit()))


def stop(renderer):
    os.kill(renderer._process.pid, signal.SIGSTOP)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs POSIX signals")
class TestStopped:
    def test_it_is_given_up_and_leaves_nothing(self, make, monkeypatch):
        echo = make(Echo)
        echo.render(make_view(Orbit()))
        monkeypatch.setattr("dfmamba_live.views.scene.process.PATIENCE_S", 0.05)
        stop(echo)
        with pytest.raises(RenderError, match="has not answered"):
            echo.render(make_view(Orbit()))
        echo.close()
        assert active_children() == []

    def test_amid_a_message_it_is_given_up_as_well(self, make, monkeypatch):
        echo = make(Echo)
        echo.render(make_view(Orbit()))
        monkeypatch.setattr("dfmamba_live.views.scene.process.PATIENCE_S", 0.3)
        stop(echo)
        large = Scene(background=tuple(range(1_000_000)))  # more than a pipe holds
        with pytest.raises(RenderError, match="has not answered"):
            echo.render(SceneView(large, Orbit(), 320, 240))

    def test_one_that_goes_on_in_time_is_kept(self, make):
        echo = make(Echo)
        echo.render(make_view(Orbit()))
        stop(echo)
        Timer(0.1, os.kill, (echo._process.pid, signal.SIGCONT)).start()
        assert echo.render(make_view(Orbit())).shape == (240, 320, 3)

    def test_it_is_closed(self, make):
        echo = make(Echo)
        stop(echo)
        echo.close()
        assert active_children() == []


def test_it_is_ready_once_it_has_started(make):
    echo = make(Echo)
    while not echo.ready:
        sleep(0.01)
    assert echo.render(make_view(Orbit())).shape == (240, 320, 3)
    assert echo.ready
