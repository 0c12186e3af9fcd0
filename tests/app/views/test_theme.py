import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel

from dfmamba_live.views.plots.base import Plot
from dfmamba_live.views.theme import apply_theme, paint

DARK, LIGHT = Qt.ColorScheme.Dark, Qt.ColorScheme.Light
ROLES = QPalette.ColorRole


@pytest.fixture
def themed(qapp):
    before = qapp.style().name(), qapp.palette(), qapp.styleSheet()
    yield qapp
    qapp.setStyle(before[0])
    qapp.setPalette(before[1])
    qapp.setStyleSheet(before[2])


def contrast(one, other):
    """The ratio that WCAG 2 defines."""

    def luminance(colour):
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    lights = sorted(luminance(QColor(c).getRgbF()[:3]) for c in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.mark.parametrize("scheme", [DARK, LIGHT])
def test_words_can_be_read_on_their_ground(themed, scheme):
    paint(themed, scheme)
    palette = themed.palette()
    for words, ground in (
        (ROLES.WindowText, ROLES.Window),
        (ROLES.Text, ROLES.Base),
        (ROLES.PlaceholderText, ROLES.Window),
        (ROLES.PlaceholderText, ROLES.Base),
        (ROLES.HighlightedText, ROLES.Highlight),
        (ROLES.ToolTipText, ROLES.ToolTipBase),
    ):
        assert contrast(palette.color(words), palette.color(ground)) > 4.5


def test_the_system_turns_the_light_on_and_off(themed):
    apply_theme(themed)
    for scheme, light in ((LIGHT, True), (DARK, False), (Qt.ColorScheme.Unknown, False)):
        themed.styleHints().colorSchemeChanged.emit(scheme)
        assert (themed.palette().color(ROLES.Window).lightness() > 128) == light


def test_what_is_open_changes_too(themed, qtbot):
    paint(themed, DARK)
    plot, label = Plot(), QLabel("title")
    label.setObjectName("plot-title")
    for widget in (plot, label):
        qtbot.addWidget(widget)
        widget.show()
    paint(themed, LIGHT)
    assert plot.backgroundBrush().color() == themed.palette().color(ROLES.Base)
    assert label.grab().toImage().pixelColor(2, 2) == themed.palette().color(ROLES.Base)
    assert plot.getAxis("left").pen().color() == themed.palette().color(ROLES.PlaceholderText)
