from dataclasses import replace

import numpy as np
import pytest
from fake_parts import HEIGHT, WIDTH, make_estimate, make_hand, make_result, make_trace, with_traces
from painted import pixels
from PySide6.QtCore import QPoint, Qt

from dfmamba_live.state import ViewState
from dfmamba_live.views.image import ImageView
from dfmamba_live.views.scan.field import traced_regions
from dfmamba_live.views.scan.overlay import ScanOverlay
from dfmamba_live.views.scan.places import scan_places

ON = [
    ViewState(anchors=True),
    ViewState(offsets=True),
    ViewState(heat="dt"),
    ViewState(order=True),
    ViewState(offsets=True, all_tokens=True),
    ViewState(offsets=True, anchors=True, only_anchor=8),
]


class Shown:
    """A view with its overlay, which both show the same."""

    def __init__(self):
        self.overlay = ScanOverlay()
        self.view = ImageView(self.overlay)
        self.view.resize(WIDTH * 2, HEIGHT * 2)

    def show(self, state, *hands, trace=None):
        self.result = make_result(*hands, trace=trace)
        self.overlay.show_estimate(self.result.estimate)
        self.view.show_result(self.result)
        self.set(state)
        return pixels(self.view)

    def set(self, state):
        for each in (self.overlay, self.view):
            each.show_state(state)
        return pixels(self.view)


@pytest.fixture
def shown(qtbot):
    shown = Shown()
    qtbot.addWidget(shown.view)
    return shown


@pytest.mark.parametrize("state", ON)
@pytest.mark.parametrize("side", ["left", "right"])
def test_each_setting_changes_the_picture_and_back(shown, state, side):
    plain = shown.show(ViewState(), make_hand(side), trace=make_trace())
    assert not np.array_equal(plain, shown.set(state))
    np.testing.assert_array_equal(plain, shown.set(ViewState()))


@pytest.mark.parametrize("state", ON)
def test_without_a_trace_nothing_is_painted(shown, state):
    plain = shown.show(ViewState(), make_hand())
    np.testing.assert_array_equal(plain, shown.set(state))


def test_a_layer_that_a_network_has_not_is_not_painted(shown):
    plain = shown.show(ViewState(), make_hand())
    estimate = make_estimate((make_hand(),), make_trace())
    shown.overlay.show_estimate(with_traces(estimate, (make_trace(),) * 3))
    assert not np.array_equal(plain, shown.set(ViewState(offsets=True, heat="dt", layer=2)))
    np.testing.assert_array_equal(plain, shown.set(ViewState(offsets=True, heat="dt", layer=3)))


def test_a_mirrored_view_shows_the_offsets_mirrored(shown):
    """A hand in the middle without names: the picture of its offsets turns as a whole."""
    shown.view._close_up = True
    state = ViewState(offsets=True, anchors=True, heat="offset")
    plain = shown.show(state, make_hand("left", x=150.0), trace=make_trace(offset=1.2))
    mirrored = shown.set(replace(state, mirrored=True))
    away = np.abs(plain - mirrored[:, ::-1]).max(axis=-1)
    assert (away > 60).mean() < 0.02  # lines of one pixel fall to one side or the other
    assert (np.abs(plain - mirrored).max(axis=-1) > 60).mean() > 0.05


def test_offsets_of_another_layer_are_those_of_its_trace(shown):
    shown.view._close_up = True  # without words
    hand = make_hand()
    estimate = make_estimate((hand,), make_trace(offset=0.5))
    layers = (make_trace(offset=0.5),) * 6 + (make_trace(size=4, offset=2.0),)
    first = shown.show(ViewState(offsets=True), hand, trace=make_trace(offset=0.5))
    shown.overlay.show_estimate(with_traces(estimate, layers))
    np.testing.assert_array_equal(first, shown.set(ViewState(offsets=True, layer=5)))
    assert not np.array_equal(first, shown.set(ViewState(offsets=True, layer=6)))


def under(shown, token, layer=0):
    region = shown.result.estimate.regions[0]
    place = shown.view.to_widget(scan_places(region.traces[layer], region.crop).centres[token])
    return QPoint(*np.rint(place).astype(int))


def looked_at(shown):
    """The token of the first layer that is looked at."""
    estimate = shown.result.estimate
    region, hand = shown.overlay.focus.find(estimate)
    return shown.overlay.focus.token(traced_regions(estimate, 0)[region], hand)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_pointer_finds_its_token(shown, qtbot, side, mirrored):
    shown.show(ViewState(offsets=True, mirrored=mirrored), make_hand(side), trace=make_trace())
    shown.view.show()
    for token in (8, 27, 54):
        qtbot.mouseMove(shown.view, under(shown, token))
        qtbot.waitUntil(
            lambda token=token: shown.overlay.focus is not None and looked_at(shown) == token
        )


def test_a_click_holds_a_token_and_another_lets_go(shown, qtbot):
    shown.show(ViewState(offsets=True), make_hand(), trace=make_trace())
    plain = pixels(shown.view)
    qtbot.mouseClick(shown.view, Qt.MouseButton.LeftButton, pos=under(shown, 9))
    shown.overlay.point(None)
    assert looked_at(shown) == 9
    assert not np.array_equal(plain, pixels(shown.view))
    qtbot.mouseClick(shown.view, Qt.MouseButton.LeftButton, pos=under(shown, 9))
    shown.overlay.point(None)
    assert shown.overlay.focus is None
    np.testing.assert_array_equal(plain, pixels(shown.view))


def test_a_held_token_goes_when_the_overlay_does(shown, qtbot):
    shown.show(ViewState(offsets=True), make_hand(), trace=make_trace())
    qtbot.mouseClick(shown.view, Qt.MouseButton.LeftButton, pos=under(shown, 9))
    shown.set(ViewState())
    shown.overlay.point(None)
    assert shown.overlay.focus is None


def test_a_joint_is_named_in_the_picture(shown):
    shown.show(ViewState(offsets=True), make_hand(), trace=make_trace())
    plain = pixels(shown.view)
    shown.overlay.point(make_hand().joints_px[8], 5.0)
    assert shown.overlay.focus.joint == 8
    assert not np.array_equal(plain, pixels(shown.view))


def test_the_sweep_runs_only_while_it_is_seen(shown, qtbot):
    shown.show(ViewState(offsets=True), make_hand(), trace=make_trace())
    assert not shown.overlay._timer.isActive()
    shown.set(ViewState(order=True))
    before = pixels(shown.view)
    with qtbot.waitSignal(shown.overlay.swept):
        pass
    assert not np.array_equal(before, pixels(shown.view))
    shown.set(ViewState())
    assert not shown.overlay._timer.isActive()


def test_a_new_frame_shows_under_the_sweep(shown):
    first = shown.show(ViewState(order=True), make_hand(), trace=make_trace())
    second = shown.show(ViewState(order=True), make_hand(x=120.0), trace=make_trace())
    assert not np.array_equal(first, second)
    shown.view.resize(WIDTH, HEIGHT)
    assert pixels(shown.view).shape == (HEIGHT, WIDTH, 3)


def test_a_hand_that_leaves_takes_its_token_with_it(shown, qtbot):
    shown.show(ViewState(offsets=True), make_hand(), trace=make_trace())
    qtbot.mouseClick(shown.view, Qt.MouseButton.LeftButton, pos=under(shown, 9))
    shown.show(ViewState(offsets=True))
    shown.show(ViewState(offsets=True), make_hand("left"), trace=make_trace())
    focus, estimate = shown.overlay.focus, shown.result.estimate
    assert focus.find(estimate) is None
