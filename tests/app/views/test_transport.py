import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from dfmamba_live.review import Overview, Thumbnails, Transport
from dfmamba_live.views.transport import BUTTONS, TransportBar

TIMES = [i / 25 for i in range(50)]


@pytest.fixture
def bar(qtbot):
    made = TransportBar()
    qtbot.addWidget(made)
    made.resize(900, 160)
    return made


@pytest.fixture
def shown(bar):
    bar.show_clip(TIMES, Thumbnails(50))
    return bar


def transport(**given):
    usual = {"index": 0, "playing": False, "looping": True, "speed": 1.0, "a": None, "b": None}
    return Transport(**usual | given)


def test_it_is_there_once_there_is_a_clip(bar):
    assert not bar.isVisible()
    bar.show_clip(TIMES, Thumbnails(50))
    assert bar.isVisible()


def test_time_and_frame_count_from_zero(shown):
    assert shown.text() == "0:00.00 / 0:01.96    frame 0 / 49"
    shown.show_index(49)
    assert shown.text() == "0:01.96 / 0:01.96    frame 49 / 49"


def test_buttons_call_their_commands(shown, qtbot):
    called, actions = [], {}
    for text, _ in BUTTONS:
        actions[text] = QAction(text, shown)
        actions[text].triggered.connect(lambda _, text=text: called.append(text))
    shown.connect_actions(actions)
    for text, _ in BUTTONS:
        qtbot.mouseClick(shown.button(text), Qt.MouseButton.LeftButton)
    assert called == [text for text, _ in BUTTONS]


def test_it_shows_how_the_clip_is_played(shown):
    held = shown.button("Pause").grab().toImage()
    shown.show_transport(transport(playing=True, looping=False, speed=0.25, a=3, b=9))
    assert shown.button("Pause").grab().toImage() != held
    checked = {text for text, _ in BUTTONS if shown.button(text).isChecked()}
    assert checked == {"Loop from here", "Loop to here"}
    shown.show_transport(transport())
    assert shown.button("Pause").grab().toImage() == held
    assert {text for text, _ in BUTTONS if shown.button(text).isChecked()} == {"Loop"}


def test_how_much_is_settled(shown):
    sure = np.full((2, 50), np.nan, np.float32)
    settled = np.arange(50) < 20
    shown.show_overview(Overview(sure, settled, settled))
    assert shown._known.text() == "40% settled"
    shown.show_overview(Overview(sure, settled | True, settled | True))
    assert shown._known.text() == ""


def test_it_fits_a_small_window(shown):
    shown.resize(520, 160)
    assert shown.minimumSizeHint().width() <= 520
    assert all(shown.button(text).isVisible() for text, _ in BUTTONS)
