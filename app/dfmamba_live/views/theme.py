"""The look of the window, light or dark as the system is; quiet, so that the picture stands out.

Colours are roles of the palette: widgets take theirs from it, never from here. The frame and the 3D
view stay on a dark ground in both.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

FAINT = "#aeb6c2"
"""Words on the dark ground of the frame and the 3D view."""

_ROLES = QPalette.ColorRole
_SHADES = {  # role: dark, light
    _ROLES.Window: ("#101317", "#e9ecf0"),
    _ROLES.WindowText: ("#e8ebf0", "#1a1f26"),
    _ROLES.Base: ("#16191e", "#fafbfc"),
    _ROLES.AlternateBase: ("#2a303a", "#d3d8df"),
    _ROLES.Text: ("#e8ebf0", "#1a1f26"),
    _ROLES.Button: ("#16191e", "#fafbfc"),
    _ROLES.ButtonText: ("#e8ebf0", "#1a1f26"),
    _ROLES.ToolTipBase: ("#16191e", "#fafbfc"),
    _ROLES.ToolTipText: ("#e8ebf0", "#1a1f26"),
    _ROLES.PlaceholderText: ("#aeb6c2", "#56606e"),
    _ROLES.Highlight: ("#4aa3f5", "#1769c2"),
    _ROLES.HighlightedText: ("#08121d", "#ffffff"),
    _ROLES.Link: ("#4aa3f5", "#1769c2"),
}
_DISABLED = ("#5c6470", "#9aa3af")

_STYLE = """
QMainWindow::separator { background: palette(window); width: 5px; height: 5px; }
QDockWidget { color: palette(placeholder-text); font-weight: 600; }
QDockWidget::title { background: palette(base); padding: 6px 9px; }
QDockWidget > QWidget { background: palette(base); }
QToolBar { background: palette(window); border: 0; spacing: 4px; padding: 5px 6px; }
QToolButton, QPushButton {
    color: palette(text); background: palette(base); border: 1px solid palette(alternate-base);
    border-radius: 5px; padding: 4px 10px;
}
QPushButton { padding: 4px 0; }
QToolButton:hover, QPushButton:hover { border-color: palette(highlight); }
QToolButton:checked, QPushButton:checked {
    background: palette(highlight); color: palette(highlighted-text);
    border-color: palette(highlight);
}
TransportBar QToolButton { padding: 4px 5px; }
QToolButton::menu-indicator { image: none; }
QTabBar::tab {
    color: palette(placeholder-text); background: palette(window); padding: 5px 12px; border: 0;
}
QTabBar::tab:selected { color: palette(text); background: palette(base); }
QLabel#plot-title { color: palette(placeholder-text); background: palette(base); padding: 3px 8px; }
QFrame#card { background: palette(base); border-radius: 6px; }
QLabel#card-side, QLabel#card-score { font-weight: 600; }
QLabel#card-note { color: palette(placeholder-text); }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QDialogButtonBox QPushButton { padding: 4px 18px; }
QMenuBar { background: palette(window); padding: 2px; }
QStatusBar { background: palette(window); }
QStatusBar QLabel { color: palette(placeholder-text); padding: 2px 8px; margin: 2px 0; }
QStatusBar::item { border: 0; }
QLabel#recording { color: #ffffff; background: #c8322b; border-radius: 8px; }
QLabel#device { color: palette(text); background: palette(alternate-base); border-radius: 8px; }
QLabel#device[gpu="true"] { color: #08160c; background: #8bd17c; }
"""


def apply_theme(dfmamba_live: QApplication) -> None:
    """Give every widget its colours, now and whenever the system changes between light and dark."""
    dfmamba_live.setStyle("Fusion")
    hints = dfmamba_live.styleHints()
    hints.colorSchemeChanged.connect(lambda scheme: paint(dfmamba_live, scheme))
    paint(dfmamba_live, hints.colorScheme())


def paint(dfmamba_live: QApplication, scheme: Qt.ColorScheme) -> None:
    """Take the colours of a scheme; dark where the system does not say."""
    light = scheme == Qt.ColorScheme.Light
    palette = QPalette()
    for role, shades in _SHADES.items():
        palette.setColor(role, QColor(shades[light]))
    for role in (_ROLES.WindowText, _ROLES.Text, _ROLES.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(_DISABLED[light]))
    dfmamba_live.setPalette(palette)
    dfmamba_live.setStyleSheet(_STYLE)  # anew, so that the colours in it are looked up again
