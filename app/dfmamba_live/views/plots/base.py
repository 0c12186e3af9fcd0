"""One empty plot in the colours of the window."""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout

LINE_COLOUR = "#4aa3f5"
"""A lone curve's; to be seen on a light and on a dark ground."""


class SecondsAxis(pg.AxisItem):  # type: ignore[misc]
    """Seconds that carry their unit, so that no title takes the room."""

    def tickStrings(  # noqa: N802 (pyqtgraph's name)
        self,
        values: Sequence[float],
        scale: float,  # noqa: ARG002
        spacing: float,  # noqa: ARG002
    ) -> list[str]:
        """The words at the ticks."""
        return [f"{value:g} s" for value in values]


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """Axes that the mouse does not move; their colours follow the palette.

    over_time: the lower axis counts seconds.
    """

    def __init__(self, over_time: bool = True) -> None:
        axes = {"bottom": SecondsAxis("bottom")} if over_time else None
        super().__init__(enableMenu=False, axisItems=axes)
        # pyqtgraph would never let go of its menu. It stays a window: a child would be seen.
        menu = self.plotItem.ctrlMenu
        menu.setParent(self, menu.windowFlags())
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(
                maxTickLevel=0
            )  # the small ticks and their lines cost a third of a redraw
        self.showGrid(x=False, y=True, alpha=0.15)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setMinimumSize(60, 36)
        self._take_colours()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.plotItem is not None:
            self._take_colours()

    def _take_colours(self) -> None:
        palette = self.palette()
        self.setBackground(palette.color(QPalette.ColorRole.Base))
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            axis.setTextPen(palette.color(QPalette.ColorRole.PlaceholderText))


def titled(title: str, widget: Plot) -> QVBoxLayout:
    """A plot under its title; pyqtgraph's own titles force their width on the plot."""
    label = QLabel(title)
    label.setMinimumWidth(1)
    label.setObjectName("plot-title")
    layout = QVBoxLayout()
    layout.setSpacing(0)
    layout.addWidget(label)
    layout.addWidget(widget, 1)
    return layout
