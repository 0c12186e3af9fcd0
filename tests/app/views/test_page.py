from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from dfmamba_live.views.text_window import Page


def test_a_page_is_shown_beside_and_closed_by_escape(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    page = Page("Keys", "<p>Space<b> holds</b></p>", window)
    page.show()
    assert page.text() == "Space holds"
    assert not page.isModal()
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible()


def test_it_fits_its_text_and_the_screen(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    small = Page("Keys", "word", window)
    wide = Page("Keys", "<p style='white-space: nowrap'>" + "word " * 60 + "</p>", window)
    long = Page("Keys", "<p>word</p>" * 500, window)
    screen = small.screen().availableSize()
    assert small.sizeHint().width() < 200 < wide.sizeHint().width() <= screen.width()
    assert small.sizeHint().height() < 100 < long.sizeHint().height() <= screen.height()
