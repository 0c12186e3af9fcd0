import numpy as np
import pytest
from fake_parts import make_trace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.views.scan import ScanView


@pytest.fixture
def view(qtbot):
    view = ScanView()
    qtbot.addWidget(view)
    view.choose(0)
    view.show()
    return view


def test_offsets_are_shown_over_time_and_per_anchor(view):
    for frame in range(10):
        view.add(frame / 10, ((make_trace(offset=0.1 * frame),) * 7,))
    ages, values = view.curves()
    np.testing.assert_allclose(ages, np.arange(-9, 1) / 10)
    np.testing.assert_allclose(values, 0.1 * np.arange(10))
    np.testing.assert_allclose(view.per_anchor, np.full(9, 0.9))


def test_two_hands_are_averaged(view):
    view.add(0.0, ((make_trace(offset=0.2),) * 7, (make_trace(offset=0.4),) * 7))
    np.testing.assert_allclose(view.per_anchor, np.full(9, 0.3))


def test_no_hand_adds_nothing(view):
    view.add(0.0, ())
    assert view.curves()[0].size == 0


def test_another_layer_starts_a_new_curve(view):
    view.add(0.0, ((make_trace(),) * 7,))
    view.choose(0)
    assert view.curves()[0].size == 1
    view.choose(3)
    assert view.curves()[0].size == 0


def test_a_button_chooses_its_layer(view, qtbot):
    with qtbot.waitSignal(view.layer_chosen) as chosen:
        qtbot.mouseClick(view.findChildren(QPushButton)[4], Qt.MouseButton.LeftButton)
    assert chosen.args == [4]
