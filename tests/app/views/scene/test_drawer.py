import logging
from threading import Event

import numpy as np
import pytest
from scene_parts import HEIGHT, WIDTH, make_pose, make_view

from dfmamba_live.views.scene.content import RenderError
from dfmamba_live.views.scene.drawer import Drawer, working_renderer
from dfmamba_live.views.scene.orbit import Orbit
from dfmamba_live.views.scene.painter import PainterRenderer
from dfmamba_live.views.scene.quality import SCALES

pytestmark = pytest.mark.usefixtures("no_thread_left")


class FakeRenderer:
    """Grey pictures of the wanted size; fails from the `fails_at`th on."""

    name = "fake"
    ready = True

    def __init__(self, fails_at=None):
        self.views, self.closed = [], False
        self._fails_at = fails_at
        self.go = Event()
        self.go.set()

    def render(self, view):
        self.go.wait(2)
        self.views.append(view)
        if self._fails_at is not None and len(self.views) >= self._fails_at:
            raise RenderError("no OpenGL")
        return np.full((view.height, view.width, 3), 90, np.uint8)

    def close(self):
        self.closed = True
        self.go.set()


@pytest.fixture
def open_drawer(qtbot):
    drawers = []

    def make(*renderers):
        drawer = Drawer([lambda each=each: each for each in renderers])
        drawer.drawings, drawer.names, drawer.lines = [], [], []
        drawer.drawn.connect(drawer.drawings.append)
        drawer.renderer.connect(drawer.names.append)
        drawer.told.connect(drawer.lines.append)
        drawers.append(drawer)
        return drawer

    yield make
    for drawer in drawers:
        drawer.close()


def test_it_draws_what_it_is_given(open_drawer, qtbot):
    drawer = open_drawer(FakeRenderer())
    view = make_view(Orbit(), make_pose())
    drawer.draw(view)
    qtbot.waitUntil(lambda: bool(drawer.drawings))
    drawing = drawer.drawings[0]
    assert drawing.view.scene is view.scene
    assert (drawing.image.width(), drawing.image.height()) == (WIDTH, HEIGHT)
    assert drawing.image.pixelColor(3, 3).getRgb()[:3] == (90, 90, 90)
    assert drawer.names == ["fake"]


def test_views_that_come_too_fast_are_left_out(open_drawer, qtbot):
    renderer = FakeRenderer()
    renderer.go.clear()
    drawer = open_drawer(renderer)
    for yaw in range(50):
        drawer.draw(make_view(Orbit(yaw=yaw / 10)))
    renderer.go.set()
    qtbot.waitUntil(lambda: bool(drawer.drawings) and drawer.drawings[-1].view.orbit.yaw == 4.9)
    assert len(renderer.views) <= 4


def test_at_rest_the_last_view_is_drawn_as_well_as_can_be(open_drawer, qtbot):
    renderer = FakeRenderer()
    drawer = open_drawer(renderer)
    drawer.draw(make_view(Orbit()))
    qtbot.waitUntil(lambda: SCALES[0] in [view.scale for view in renderer.views])
    count = len(renderer.views)
    qtbot.wait(600)
    assert len(renderer.views) == count


@pytest.mark.parametrize(("fails_at", "how"), [(1, "instead of"), (3, "until")])
def test_another_renderer_steps_in_and_a_line_says_so(open_drawer, qtbot, caplog, fails_at, how):
    broken = FakeRenderer(fails_at)
    drawer = open_drawer(broken, PainterRenderer())
    with caplog.at_level(logging.WARNING):
        for yaw in range(4):
            drawer.draw(make_view(Orbit(yaw=yaw / 10)))
            qtbot.waitUntil(lambda yaw=yaw: len(drawer.drawings) > yaw)
        qtbot.waitUntil(lambda: drawer.names[-1:] == ["Qt painter"])
    assert broken.closed
    assert drawer.lines == caplog.messages
    (line,) = drawer.lines
    assert line.startswith(f"no OpenGL; the 3D view is drawn by Qt painter {how} fake")


def test_what_is_shown_at_rest_is_drawn_again_once_a_better_renderer_is_ready(open_drawer, qtbot):
    slow = FakeRenderer()
    slow.ready = False
    drawer = open_drawer(slow, PainterRenderer())
    drawer.draw(make_view(Orbit()))
    qtbot.waitUntil(lambda: drawer.names == ["Qt painter"])
    slow.ready = True
    qtbot.waitUntil(lambda: drawer.names == ["Qt painter", "fake"])
    assert drawer.drawings[-1].view.orbit == Orbit()
    assert drawer.lines == []


def test_without_any_renderer_that_works_it_still_closes(open_drawer, qtbot):
    drawer = open_drawer(FakeRenderer(1))
    drawer.draw(make_view(Orbit()))
    qtbot.wait(50)
    assert drawer.drawings == []


def test_the_first_renderer_that_works_is_told(monkeypatch, qapp):
    broken = FakeRenderer(1)
    monkeypatch.setattr(
        "dfmamba_live.views.scene.drawer.RENDERERS", (lambda: broken, PainterRenderer)
    )
    assert working_renderer() == "Qt painter"
    assert broken.closed
