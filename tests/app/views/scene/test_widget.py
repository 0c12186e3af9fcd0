import os
import signal
from functools import partial
from multiprocessing import active_children

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPalette, QWheelEvent
from scene_parts import make_pose, make_result

from dfmamba_live.state import ViewState
from dfmamba_live.views.scene.hands import joints_of
from dfmamba_live.views.scene.look import DARK, LIGHT
from dfmamba_live.views.scene.painter import PainterRenderer
from dfmamba_live.views.scene.process import ProcessRenderer
from dfmamba_live.views.scene.widget import SceneWidget

pytestmark = pytest.mark.usefixtures("no_thread_left")


@pytest.fixture
def widget(qtbot):
    made = SceneWidget(renderers=(PainterRenderer,))
    qtbot.addWidget(made)
    made.asked, draw = [], made._drawer.draw
    made._drawer.draw = lambda view: (made.asked.append(view), draw(view))
    made.resize(400, 320)
    made.show()
    yield made
    made.close()


def settled(widget, qtbot):
    """The drawing once nothing moves any more and what was asked for has been drawn."""
    qtbot.waitUntil(
        lambda: (
            widget._transition.state() == widget._transition.State.Stopped
            and not widget._timer.isActive()
            and widget._drawing is not None
            and widget._drawing.view.scene is widget.asked[-1].scene
        )
    )
    qtbot.wait(10)  # what was drawn is painted
    return widget._drawing


def shown(widget, qtbot):
    settled(widget, qtbot)
    image = widget.grab().toImage()
    return np.array(
        [image.pixelColor(x, y).getRgb() for y in range(0, 320, 8) for x in range(0, 400, 8)]
    )


def drag(widget, qtbot, button):
    qtbot.mousePress(widget, button, pos=QPoint(100, 100))
    qtbot.mouseMove(widget, QPoint(160, 130))
    qtbot.mouseRelease(widget, button, pos=QPoint(160, 130))


def test_the_mouse_turns_moves_zooms_and_resets(widget, qtbot):
    widget.show_result(make_result(make_pose()))
    start = settled(widget, qtbot).view.orbit
    drag(widget, qtbot, Qt.MouseButton.LeftButton)
    turned = settled(widget, qtbot).view.orbit
    assert (turned.yaw, turned.pitch) > (start.yaw, start.pitch)
    assert turned.target == pytest.approx(start.target)
    drag(widget, qtbot, Qt.MouseButton.RightButton)
    moved = settled(widget, qtbot).view.orbit
    assert (moved.yaw, moved.pitch) == (turned.yaw, turned.pitch)
    assert moved.target != pytest.approx(turned.target, abs=5)
    wheel = QWheelEvent(
        QPointF(200, 160),
        QPointF(200, 160),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    widget.wheelEvent(wheel)
    assert settled(widget, qtbot).view.orbit.distance < moved.distance
    qtbot.mouseDClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(200, 160))
    np.testing.assert_allclose(
        settled(widget, qtbot).view.orbit.view_matrix(), start.view_matrix(), atol=1e-6
    )


@pytest.mark.parametrize(
    ("command", "ahead"),
    [("look_front", [0, 0, 1]), ("look_side", [-1, 0, 0]), ("look_top", [0, 1, 0])],
)
def test_the_commands_look_along_the_axes(widget, qtbot, command, ahead):
    widget.show_result(make_result(make_pose()))
    settled(widget, qtbot)
    getattr(widget, command)()
    between = []
    widget._transition.valueChanged.connect(between.append)
    rotation = settled(widget, qtbot).view.orbit.rotation()
    np.testing.assert_allclose(rotation[2], ahead, atol=1e-9)
    assert any(0 < share < 1 for share in between)


def test_the_view_follows_the_hands_unless_told_not_to(widget, qtbot):
    widget.show_result(make_result(make_pose(), time_s=0.0))
    start = settled(widget, qtbot).view.orbit.target
    widget.show_result(make_result(make_pose(wrist=(200.0, 60, 500)), time_s=0.1))
    followed = settled(widget, qtbot).view.orbit.target
    assert followed[0] > start[0] + 5
    widget.show_state(ViewState(following=False))
    widget.show_result(make_result(make_pose(wrist=(200.0, 60, 500)), time_s=0.2))
    assert settled(widget, qtbot).view.orbit.target == followed


def test_trails_and_thickness_change_the_scene(widget, qtbot):
    for step in range(5):
        widget.show_result(make_result(make_pose(wrist=(20.0 * step, 60, 500)), time_s=0.1 * step))
    usual = settled(widget, qtbot).view.scene
    widget.show_state(ViewState(trails=False))
    without = settled(widget, qtbot).view.scene
    assert len(without.rods.ends) < len(usual.rods.ends)
    widget.thicken()
    thick = settled(widget, qtbot).view.scene
    assert (thick.balls.radii > without.balls.radii).all()
    widget.thin()
    widget.thin()
    assert (settled(widget, qtbot).view.scene.balls.radii < without.balls.radii).all()


def test_without_hands_it_says_so(widget, qtbot):
    empty = shown(widget, qtbot)
    widget.show_result(make_result(make_pose()))
    assert (shown(widget, qtbot) != empty).any()


def test_pointing_at_a_joint_shows_its_place(widget, qtbot):
    hand = make_pose()
    widget.show_result(make_result(hand))
    plain = shown(widget, qtbot)
    (place,), _ = widget._drawing.view.orbit.project(joints_of(hand)[[8]], 400, 320)
    qtbot.mouseMove(widget, QPoint(*place.round().astype(int)))
    assert (shown(widget, qtbot) != plain).any()
    assert not widget.toolTip()
    qtbot.mouseMove(widget, QPoint(5, 5))
    np.testing.assert_array_equal(shown(widget, qtbot), plain)
    assert widget.toolTip()


def test_a_new_size_is_drawn_at_that_size(widget, qtbot):
    widget.show_result(make_result(make_pose()))
    settled(widget, qtbot)
    widget.resize(333, 271)
    size = [round(side * widget.devicePixelRatioF()) for side in (333, 271)]
    qtbot.waitUntil(lambda: [widget._drawing.image.width(), widget._drawing.image.height()] == size)


def test_it_takes_the_colours_of_the_theme(widget, qtbot):
    for window, look in (("#f0f0f0", LIGHT), ("#101317", DARK)):
        palette = QPalette(widget.palette())
        palette.setColor(QPalette.ColorRole.Window, QColor(window))
        widget.setPalette(palette)
        background = np.array(settled(widget, qtbot).view.scene.background) * 255
        np.testing.assert_allclose(background, look.background, atol=1e-6)


def test_opened_and_closed_again_and_again_it_leaves_no_process(qtbot):
    for _ in range(5):
        widget = SceneWidget()
        qtbot.addWidget(widget)
        widget.show()
        widget.close()
    assert active_children() == []


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs POSIX signals")
def test_a_process_that_stands_still_holds_nothing_up(qtbot, monkeypatch):
    monkeypatch.setattr("dfmamba_live.views.scene.process.PATIENCE_S", 0.3)
    other = partial(ProcessRenderer, "other", OwnProcessPainter)
    widget = SceneWidget(renderers=(other, PainterRenderer))
    qtbot.addWidget(widget)
    names, lines = [], []
    widget.renderer.connect(names.append)
    widget.told.connect(lines.append)
    widget.show()
    for again in range(2):
        with qtbot.waitSignal(
            widget.renderer, timeout=30_000, check_params_cb=lambda n: n == "other"
        ):
            widget.show_result(make_result(make_pose()))
        (process,) = active_children()
        os.kill(process.pid, signal.SIGSTOP)
        if not again:
            widget.show_result(make_result(make_pose(), time_s=0.1))
            qtbot.waitUntil(lambda: names[-1] == "Qt painter")
            assert lines[-1].endswith("drawn by Qt painter until other is back")
    assert lines[-1] == "other draws the 3D view again"
    widget.show_result(make_result(make_pose(), time_s=0.2))
    widget.close()
    assert active_children() == []


class OwnProcessPainter:
    """Plain pictures, for a process without Qt."""

    name, ready = "other", True

    def render(self, view):
        return np.zeros((view.height, view.width, 3), np.uint8)

    def close(self):
        pass


@pytest.mark.parametrize("hide", ["hide", "showMinimized"])
def test_hidden_it_draws_nothing(widget, qtbot, hide):
    settled(widget, qtbot)
    getattr(widget, hide)()
    qtbot.wait(60)
    before = len(widget.asked)
    widget.show_result(make_result(make_pose()))
    qtbot.wait(120)
    assert len(widget.asked) == before
    widget.showNormal()
    qtbot.waitUntil(lambda: len(widget.asked) > before)


def test_words_are_about_the_hands_that_are_drawn(widget, qtbot):
    first, second = make_pose(), make_pose()
    widget.show_result(make_result(first))
    seen = settled(widget, qtbot).view.orbit
    (place,), _ = seen.project(joints_of(first)[[8]], 400, 320)
    qtbot.mouseMove(widget, QPoint(*place.round().astype(int)))
    widget.show_result(make_result(second, time_s=0.1))
    assert widget._hover().hand is first
    settled(widget, qtbot)
    assert widget._hover().hand is second
