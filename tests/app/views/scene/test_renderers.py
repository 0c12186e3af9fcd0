"""Both renderers show the same."""

import numpy as np
import pytest
from scene_parts import HEIGHT, WIDTH, make_pose, make_view

from dfmamba.hand import FINGER_COLOURS
from dfmamba_live.views.scene import orbit
from dfmamba_live.views.scene.content import RenderError
from dfmamba_live.views.scene.hands import joints_of
from dfmamba_live.views.scene.look import DARK, LIGHT
from dfmamba_live.views.scene.open3d import Open3DRenderer
from dfmamba_live.views.scene.orbit import Orbit
from dfmamba_live.views.scene.painter import PainterRenderer
from dfmamba_live.views.scene.process import ProcessRenderer

HANDS = (0.0, 0.0, 500.0), 100.0


@pytest.fixture(scope="module")
def open3d():
    renderer = ProcessRenderer("Open3D", Open3DRenderer)
    try:
        renderer.render(make_view(Orbit()))
    except RenderError as error:
        renderer.close()
        pytest.skip(f"Open3D cannot draw here: {error}")
    yield renderer
    renderer.close()


@pytest.fixture(params=["painter", "open3d"])
def renderer(request, qapp):
    return PainterRenderer() if request.param == "painter" else request.getfixturevalue("open3d")


@pytest.mark.parametrize("view", [orbit.front, orbit.home, orbit.top])
def test_fingers_have_their_colours_where_the_orbit_puts_them(renderer, view):
    hand, seen = make_pose(), view(*HANDS)
    picture = renderer.render(make_view(seen, hand, scale=2.0)).astype(int)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    tips = joints_of(hand)[4::4]
    places, _ = seen.project(tips, WIDTH, HEIGHT)
    for (x, y), colour in zip(places.astype(int), FINGER_COLOURS, strict=True):
        found = picture[y, x]
        # The light changes how bright a colour is, not which of its parts is weakest.
        assert np.argmin(found) == np.argmin(colour)
        assert found.max() > 80


def test_both_draw_the_same_places(open3d, qapp):
    view = make_view(orbit.home(*HANDS), make_pose(), make_pose("left", (120.0, 60.0, 450.0)))
    coloured = [
        np.ptp(renderer.render(view).astype(int), axis=-1) > 60
        for renderer in (open3d, PainterRenderer())
    ]
    both = (coloured[0] & coloured[1]).sum()
    assert both > 500
    assert both / (coloured[0] | coloured[1]).sum() > 0.75


def test_a_hand_that_leaves_is_gone(renderer):
    seen = orbit.front(*HANDS)
    empty = renderer.render(make_view(seen))
    with_hand = renderer.render(make_view(seen, make_pose()))
    assert (empty != with_hand).any(axis=-1).sum() > 1000
    np.testing.assert_array_equal(renderer.render(make_view(seen)), empty)


def test_the_ground_takes_its_colours_from_the_look(renderer):
    for look in (DARK, LIGHT):
        picture = renderer.render(make_view(orbit.top(*HANDS), look=look))
        np.testing.assert_allclose(np.median(picture, axis=(0, 1)), look.background, atol=1.5)
        assert (np.abs(picture.astype(int) - look.background).max(axis=-1) > 20).sum() > 300


def test_the_camera_stands_at_the_origin(renderer):
    for view in (orbit.side, orbit.top):
        seen = view(*HANDS)
        picture = renderer.render(make_view(seen)).astype(int)
        ((x, y),), _ = seen.project(np.zeros((1, 3)), WIDTH, HEIGHT)
        near = picture[int(y) - 3 : int(y) + 4, int(x) - 3 : int(x) + 4]
        assert np.abs(near - DARK.background).max() > 60


def test_a_view_from_amid_the_scene_draws(renderer):
    inside = Orbit(0.3, 0.0, 80.0, (0.0, 0.0, 470.0))
    assert renderer.render(make_view(inside, make_pose())).shape == (HEIGHT, WIDTH, 3)


def test_open3d_draws_sooner_at_a_lower_scale_and_smoother_at_a_higher(open3d):
    seen = orbit.front(*HANDS)
    assert open3d.render(make_view(seen, make_pose(), scale=0.5)).shape == (120, 160, 3)
    rough = open3d.render(make_view(seen, make_pose(), scale=1.0))
    fine = open3d.render(make_view(seen, make_pose(), scale=2.0))
    assert len(np.unique(fine.reshape(-1, 3), axis=0)) > len(
        np.unique(rough.reshape(-1, 3), axis=0)
    )
