import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent

from app.views import scene
from app.views.hand_mesh import HandMesh
from app.views.orbit import Orbit
from app.views.scene_painter import PainterRenderer
from app.views.scene_widget import SceneWidget
from dfmamba.hand import FINGER_COLOURS, JOINT_COUNT
from dfmamba.pose import HandPose

ORBITS = st.builds(
    Orbit,
    st.floats(-3, 3),
    st.floats(-1.5, 1.5),
    st.floats(100, 3000),
    st.tuples(*[st.floats(-200, 200)] * 3),
)


def fan():
    """Joints of a flat hand, scene mm: five straight fingers that spread upwards."""
    joints = np.zeros((JOINT_COUNT, 3))
    for finger in range(5):
        way = np.array([(finger - 2) * 0.4, -1, 0])
        joints[1 + 4 * finger : 5 + 4 * finger] = way * np.linspace(50, 120, 4)[:, None]
    return joints + np.array([0, 60, 0])


def pose(joints):
    return HandPose(
        "right", 1.0, np.zeros(4), joints[:, :2], joints, np.array([0, 0, 500.0]), np.ones(21)
    )


@pytest.fixture(params=["painter", "default"])
def renderer(request, qapp):
    made = PainterRenderer() if request.param == "painter" else scene.open_renderer()
    yield made
    made.close()


def test_fingers_have_their_colours_at_their_places(renderer):
    orbit = Orbit(yaw=0, pitch=0)
    picture = renderer.render([fan()], orbit).astype(int)
    assert picture.shape == (scene.HEIGHT, scene.WIDTH, 3)
    for finger, colour in enumerate(FINGER_COLOURS):
        (place,), _ = orbit.project(fan()[[3 + 4 * finger]], scene.WIDTH, scene.HEIGHT)
        x, y = place.round().astype(int)
        seen = picture[y, x]
        # The light changes how bright a colour is, not which of its parts is weakest.
        assert np.argmin(seen) == np.argmin(colour)
        assert seen.max() > 90


def test_a_hand_that_leaves_is_gone(renderer):
    empty = renderer.render([], Orbit())
    with_hand = renderer.render([fan()], Orbit())
    assert (empty != with_hand).any(axis=-1).sum() > 2000
    np.testing.assert_array_equal(renderer.render([], Orbit()), empty)


def test_a_third_hand_is_left_out():
    mesh = HandMesh()
    mesh.update([fan(), fan() + 300])
    two = mesh.vertices.copy()
    mesh.update([fan(), fan() + 300, fan() - 300])
    np.testing.assert_array_equal(mesh.vertices, two)
    lengths = np.linalg.norm(mesh.normals, axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-9)


def test_the_painter_steps_in(monkeypatch, caplog):
    import app.views.scene_open3d as open3d_scene

    def refuse(self):
        raise RuntimeError("no OpenGL")

    monkeypatch.setattr(open3d_scene.Open3DRenderer, "__init__", refuse)
    with caplog.at_level(logging.WARNING):
        assert scene.open_renderer().name == "Qt painter"
    assert "no OpenGL" in caplog.text


@given(orbit=ORBITS)
def test_the_view_is_rigid_and_looks_at_its_target(orbit):
    matrix = orbit.view_matrix()
    np.testing.assert_allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1)
    seen = matrix @ np.array([*orbit.target, 1])
    np.testing.assert_allclose(seen[:3], [0, 0, orbit.distance], atol=1e-9)


@given(orbit=ORBITS, dx=st.floats(-300, 300), dy=st.floats(-300, 300))
def test_what_is_in_front_follows_the_mouse(orbit, dx, dy):
    panned = orbit.panned(dx, dy, 500)
    before, _ = orbit.project(np.array([orbit.target]), 600, 500)
    after, _ = panned.project(np.array([orbit.target]), 600, 500)
    np.testing.assert_allclose(after - before, [[dx, dy]], atol=1e-6)
    assert abs(orbit.dragged(dx, dy).pitch) <= 1.5
    level = Orbit(0, 0)
    front = np.array([[0.0, 0.0, -50.0]])
    moved = level.dragged(20, 30).project(front, 600, 500)[0] - level.project(front, 600, 500)[0]
    assert (moved > 0).all()


@given(steps=st.floats(-3, 3))
def test_zooming_in_and_out_comes_back(steps):
    assert Orbit().zoomed(steps).zoomed(-steps).distance == pytest.approx(Orbit().distance)


@pytest.fixture
def widget(qtbot):
    made = SceneWidget(PainterRenderer())
    qtbot.addWidget(made)
    made.resize(400, 320)
    made.show()
    return made


def shown(widget, qtbot):
    qtbot.wait(120)
    image = widget.grab().toImage()
    return np.array(
        [image.pixelColor(x, y).getRgb() for y in range(0, 320, 8) for x in range(0, 400, 8)]
    )


def test_the_mouse_turns_moves_zooms_and_resets(widget, qtbot):
    widget.show_hands([pose(fan())])
    start = shown(widget, qtbot)
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
        qtbot.mousePress(widget, button, pos=QPoint(100, 100))
        qtbot.mouseMove(widget, QPoint(160, 130))
        qtbot.mouseRelease(widget, button, pos=QPoint(160, 130))
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
    assert (shown(widget, qtbot) != start).any()
    widget.reset_view()
    widget.show_hands([pose(fan())])
    np.testing.assert_array_equal(shown(widget, qtbot), start)


def test_without_hands_it_says_so(widget, qtbot):
    empty = shown(widget, qtbot)
    widget.show_hands([pose(fan())])
    assert (shown(widget, qtbot) != empty).any()
    widget.show_hands([])
    np.testing.assert_array_equal(shown(widget, qtbot), empty)
