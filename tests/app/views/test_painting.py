import re
from pathlib import Path

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

import dfmamba_live
from dfmamba_live.views.painting import painter_on, painting


class Broken(QWidget):
    tried = 0

    def paintEvent(self, event):  # noqa: ARG002, N802 (Qt's name)
        with painting(self) as painter:
            painter.fillRect(self.rect(), "red")
            self.tried += 1
            still = QPixmap(9, 9)
            with painter_on(still) as inner:
                inner.save()
                raise ValueError("cannot convert float NaN to integer")


def test_an_error_stays_in_the_paint_event_and_is_told_once(qtbot, caplog):
    widgets = [Broken(), Broken()]
    with qtbot.captureExceptions() as escaped:
        for widget in widgets:
            qtbot.addWidget(widget)
            widget.grab()
            widget.grab()
            assert widget.tried == 2
    assert not escaped
    told = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    reason = "ValueError: cannot convert float NaN to integer"
    assert told == [f"Broken cannot be painted: {reason}"]


def test_no_view_paints_in_another_way():
    for path in Path(dfmamba_live.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert path.name == "painting.py" or "QPainter(" not in text
        events = re.findall(r"def paintEvent\(.*?\n(?=    def |\Z)", text, re.DOTALL)
        assert all("with painting(self)" in each for each in events), path
