import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from dfmamba_live.review import Overview, Thumbnails
from dfmamba_live.views.timeline import Timeline, clock

FRAMES = 100


@pytest.fixture
def line(qtbot):
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.resize(832, 105)
    thumbnails = Thumbnails(FRAMES)
    thumbnails.add(0, np.full((90, 160, 3), 200, np.uint8))
    timeline.show_clip([i / 25 for i in range(FRAMES)], thumbnails)
    timeline.show()
    timeline.sought_all, timeline.held_all = [], []
    timeline.sought.connect(timeline.sought_all.append)
    timeline.held.connect(timeline.held_all.append)
    return timeline


def middle(line, index):
    return QPoint(round(line.place_of(index + 0.5)), 50)


def picture(line):
    return line.grab().toImage()


def colour(line, index, y):
    return picture(line).pixelColor(middle(line, index).x(), y).getRgb()[:3]


def test_every_frame_has_its_place(qtbot):
    line = Timeline()
    qtbot.addWidget(line)
    line.resize(432, 105)
    line.show_clip([float(i) for i in range(37)], Thumbnails(37))
    assert [line.index_at(line.place_of(i + 0.5)) for i in range(37)] == list(range(37))
    assert (line.index_at(-50), line.index_at(9999)) == (0, 36)


def test_a_drag_seeks_along_the_mouse_and_beyond_the_edges(line, qtbot):
    qtbot.mousePress(line, Qt.MouseButton.LeftButton, pos=middle(line, 10))
    qtbot.mouseMove(line, middle(line, 40))
    qtbot.mouseMove(line, QPoint(5000, 50))
    qtbot.mouseRelease(line, Qt.MouseButton.LeftButton, pos=QPoint(5000, 50))
    assert line.sought_all == [10, 40, 99]
    assert line.held_all == [True, False]


def test_a_mouse_that_is_not_held_seeks_nothing_but_tells_the_frame(line, qtbot):
    before = picture(line)
    qtbot.mouseMove(line, middle(line, 60))
    assert line.sought_all == []
    assert picture(line) != before


def test_the_playhead_is_under_the_mouse_at_once(line, qtbot):
    qtbot.mousePress(line, Qt.MouseButton.LeftButton, pos=middle(line, 70))
    assert colour(line, 70, 95) == (0x4A, 0xA3, 0xF5)


def test_the_rows_shows_where_hands_were_found_and_how_sure(line, qtbot):
    sure = np.full((2, FRAMES), np.nan, np.float32)
    sure[0, 20:40], sure[0, 60:80] = 0.95, 0.2
    seen = np.arange(FRAMES) < 80
    before = picture(line)
    line.show_overview(Overview(sure, seen, seen))
    qtbot.waitUntil(lambda: picture(line) != before)
    red, green, _ = colour(line, 30, 80)
    assert green > red  # sure
    low = 82  # a low bar: seen near the bottom of its row only
    red, green, _ = colour(line, 70, low)
    assert red > green
    assert colour(line, 70, 72) == colour(line, 90, 72)
    assert colour(line, 10, low) != colour(line, 90, low)  # looked at, or not yet


def test_the_rest_is_shaded_while_a_part_is_looped(line):
    whole = picture(line)
    line.show_loop(0, FRAMES - 1, True)
    assert picture(line) == whole
    line.show_loop(30, 60, True)
    assert picture(line) != whole
    assert colour(line, 45, 40) != colour(line, 10, 40)
    line.show_loop(30, 60, False)
    assert picture(line) == whole


def test_thumbnails_fill_the_strip(line):
    assert colour(line, 50, 40) == (200, 200, 200)


def test_an_empty_timeline_can_be_seen(qtbot):
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.show()
    sought = []
    timeline.sought.connect(sought.append)
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton)
    assert sought == []
    assert not timeline.grab().isNull()


def test_a_clock_for_people():
    assert [clock(each) for each in (0, 9.999, 75.5)] == ["0:00.00", "0:10.00", "1:15.50"]
