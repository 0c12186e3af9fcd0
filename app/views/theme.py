"""The look of the window: dark and quiet, so that the picture stands out."""

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

GROUND, PANEL, LINE = "#101317", "#16191e", "#2a303a"
TEXT, FAINT, ACCENT = "#e8ebf0", "#aeb6c2", "#4aa3f5"

_STYLE = f"""
QMainWindow::separator {{ background: {GROUND}; width: 5px; height: 5px; }}
QDockWidget {{ color: {FAINT}; font-weight: 600; }}
QDockWidget::title {{ background: {PANEL}; padding: 6px 9px; }}
QDockWidget > QWidget {{ background: {PANEL}; }}
QToolBar {{ background: {GROUND}; border: 0; spacing: 4px; padding: 5px 6px; }}
QToolButton, QPushButton {{
    color: {TEXT}; background: {PANEL}; border: 1px solid {LINE}; border-radius: 5px;
    padding: 4px 10px;
}}
QPushButton {{ padding: 4px 0; }}
QToolButton:hover, QPushButton:hover {{ border-color: {ACCENT}; }}
QToolButton:checked, QPushButton:checked {{
    background: {ACCENT}; color: #08121d; border-color: {ACCENT};
}}
QLabel#plot-title {{ color: {FAINT}; background: {PANEL}; padding: 3px 8px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QDialogButtonBox QPushButton {{ padding: 4px 18px; }}
QMenuBar {{ background: {GROUND}; padding: 2px; }}
QStatusBar {{ background: {GROUND}; }}
QStatusBar QLabel {{ color: {FAINT}; padding: 2px 8px; }}
QStatusBar::item {{ border: 0; }}
QLabel#device {{ color: {TEXT}; background: {LINE}; border-radius: 8px; }}
QLabel#device[gpu="true"] {{ color: #08160c; background: #8bd17c; }}
"""


def apply_theme(app: QApplication) -> None:
    """Give every widget of the program its colours."""
    app.setStyle("Fusion")
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, colour in {
        roles.Window: GROUND,
        roles.WindowText: TEXT,
        roles.Base: PANEL,
        roles.AlternateBase: LINE,
        roles.Text: TEXT,
        roles.Button: PANEL,
        roles.ButtonText: TEXT,
        roles.ToolTipBase: PANEL,
        roles.ToolTipText: TEXT,
        roles.Highlight: ACCENT,
        roles.HighlightedText: GROUND,
        roles.PlaceholderText: FAINT,
    }.items():
        palette.setColor(role, QColor(colour))
    app.setPalette(palette)
    app.setStyleSheet(_STYLE)
