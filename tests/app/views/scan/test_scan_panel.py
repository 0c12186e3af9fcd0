import numpy as np
import pytest
from fake_parts import LAYERS, make_trace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QPushButton

from dfmamba_live.state import ViewState
from dfmamba_live.views.scan.panel import ScanView
from dfmamba_live.views.scan.plots import QUANTILES, layer_colours


@pytest.fixture
def view(qtbot):
    view = ScanView()
    qtbot.addWidget(view)
    view.resize(560, 380)
    view.show()
    return view


def test_the_mean_offset_of_each_layer_is_shown_over_time(view):
    for frame in range(10):
        layers = tuple(make_trace(offset=0.1 * frame * layer) for layer in range(LAYERS))
        view.add(frame / 10, (layers,))
    ages, means = view.over_time.curves()
    np.testing.assert_allclose(ages, np.arange(-9, 1) / 10)
    np.testing.assert_allclose(means, 0.1 * np.outer(range(LAYERS), range(10)))


def test_two_hands_are_averaged_and_hands_without_a_trace_are_not(view):
    one, other = (make_trace(offset=0.2),) * LAYERS, (make_trace(offset=0.4),) * LAYERS
    view.add(0.0, (one, (), other))
    np.testing.assert_allclose(view.over_time.curves()[1], np.full((LAYERS, 1), 0.3))


def test_a_network_may_have_fewer_or_more_layers(view):
    for count in (2, LAYERS + 3):
        view.add(count / 10, ((make_trace(offset=0.2),) * count,))
        view.show_state(ViewState(layer=LAYERS - 1))
    means = view.over_time.curves()[1]
    np.testing.assert_allclose(means[:, 0], [0.2] * 2 + [np.nan] * (LAYERS - 2))
    np.testing.assert_allclose(means[:, 1], 0.2)


def test_no_hand_adds_nothing(view):
    view.add(0.0, ())
    view.add(0.1, ((),))
    assert view.over_time.curves()[0].size == 0


def test_the_spread_of_each_anchor_is_shown(view):
    trace = make_trace()
    lengths = np.linspace(0, 4, 64)[:, None] * np.arange(9)
    trace.offsets[..., 0] = lengths
    view.add(0.0, ((trace,) * LAYERS,))
    np.testing.assert_allclose(
        view.per_anchor.spread, np.quantile(lengths, QUANTILES, axis=0), atol=1e-9
    )


def test_a_held_frame_shows_the_spread_of_another_layer(view):
    view.add(0.0, (tuple(make_trace(offset=float(layer)) for layer in range(LAYERS)),))
    np.testing.assert_allclose(view.per_anchor.spread, 0)
    view.show_state(ViewState(layer=5))
    np.testing.assert_allclose(view.per_anchor.spread, 5)


def test_a_hidden_panel_draws_when_it_is_seen_again(view):
    view.hide()
    view.add(0.0, ((make_trace(offset=2.0),) * LAYERS,))
    assert view.per_anchor.spread.size == 0
    view.show()
    np.testing.assert_allclose(view.per_anchor.spread, np.full((len(QUANTILES), 9), 2.0))


def test_a_button_chooses_its_layer(view, qtbot):
    with qtbot.waitSignal(view.chosen) as chosen:
        qtbot.mouseClick(view.findChildren(QPushButton)[4], Qt.MouseButton.LeftButton)
    assert chosen.args == [{"layer": 4}]


def test_a_column_chooses_its_anchor_and_lets_go_of_it(view, qtbot):
    view.add(0.0, ((make_trace(),) * LAYERS,))
    plot = view.per_anchor
    place = plot.mapFromScene(plot.plotItem.vb.mapViewToScene(plot_point(3)))
    for state, wanted in ((ViewState(), 3), (ViewState(only_anchor=3), None)):
        view.show_state(state)
        with qtbot.waitSignal(view.chosen) as chosen:
            qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
        assert chosen.args == [{"only_anchor": wanted}]
        qtbot.wait(400)  # two quick clicks would be one double click


def plot_point(anchor):
    from PySide6.QtCore import QPointF

    return QPointF(anchor, 0.25)


def test_heat_maps_come_in_turn_and_by_name(view, qtbot):
    told = []

    def take(changes):
        told.append(changes["heat"])
        view.show_state(ViewState(**changes))

    view.chosen.connect(take)
    for _ in range(4):
        view.next_heat()
    assert told == ["offset", "dt", "weight", ""]
    box = view.findChild(QComboBox)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert told[-1] == "offset"
    view.show_state(ViewState(heat="weight"))
    assert box.currentText() == "heat: weight"


def test_layers_have_colours_of_their_own():
    assert len({colour.name() for colour in layer_colours()}) == LAYERS
