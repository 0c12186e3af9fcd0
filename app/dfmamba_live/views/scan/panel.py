"""The panel of the deformable scan: what to look at, and how far the layers reach."""

from collections.abc import Sequence
from typing import Unpack

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from dfmamba.pipeline.reader import Traces
from dfmamba_live.state import LAYERS, Changes, ViewState
from dfmamba_live.views.plots.base import titled
from dfmamba_live.views.plots.history import REDRAW_S
from dfmamba_live.views.scan.heat import HEATS
from dfmamba_live.views.scan.places import offset_lengths, share_on_grid
from dfmamba_live.views.scan.plots import AnchorPlot, LayerPlot, layer_colours


class ScanView(QWidget):
    """Chooses and plots; `chosen` carries `Changes` of the state."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._state = ViewState()
        self._regions: list[Traces] = []
        self._drawn = -np.inf
        self._layers, self._heat, self._grid = QButtonGroup(self), QComboBox(), QLabel()
        self.over_time, self.per_anchor = LayerPlot(), AnchorPlot()
        self.per_anchor.clicked.connect(self._choose_anchor)
        self._lay_out()
        self.show_state(self._state)

    def show_state(self, state: ViewState) -> None:
        """Show what is chosen."""
        self._state = state
        self._layers.button(state.layer).setChecked(True)
        self._heat.setCurrentIndex(self._heat.findData(state.heat))
        self.over_time.choose(state.layer)
        self._draw()

    def next_heat(self) -> None:
        """Ask for the next heat map, and after the last for none."""
        keys = ["", *HEATS]
        self._choose(heat=keys[(keys.index(self._state.heat) + 1) % len(keys)])

    def add(self, time_s: float, regions: Sequence[Traces]) -> None:
        """Take in the traces of one frame, the mean over its regions."""
        traced = [traces for traces in regions if traces]
        if not traced:
            return
        means = [[offset_lengths(layer).mean() for layer in traces[:LAYERS]] for traces in traced]
        self.over_time.add(time_s, np.mean(means, axis=0))
        self._regions = traced
        if time_s - self._drawn >= REDRAW_S:
            self._drawn = time_s
            self._draw()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw what came in the meantime."""
        super().showEvent(event)
        self._draw()

    def _draw(self) -> None:
        layer = self._state.layer
        traces = [each[layer] for each in self._regions if layer < len(each)]
        if not (traces and self.isVisible()):
            return
        inside = np.mean([share_on_grid(each) for each in traces])
        self._grid.setText(
            f"{traces[0].height} × {traces[0].width} tokens, {100 * inside:.0f}% in crop"
        )
        self.over_time.draw()
        self.per_anchor.draw(traces, self._state.only_anchor)

    def _choose(self, **changes: Unpack[Changes]) -> None:
        self.chosen.emit(changes)

    def _choose_anchor(self, anchor: int) -> None:
        self._choose(only_anchor=None if anchor == self._state.only_anchor else anchor)

    def _lay_out(self) -> None:
        chooser = QHBoxLayout()
        chooser.setSpacing(4)
        for layer, colour in enumerate(layer_colours()):
            button = QPushButton(str(layer + 1))
            button.setCheckable(True)
            button.setFixedWidth(26)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(f"Deformable layer {layer + 1} ({layer + 1})")
            button.setStyleSheet(f"border-bottom: 3px solid {colour.name()}")
            self._layers.addButton(button, layer)
            chooser.addWidget(button)
        self._layers.idClicked.connect(lambda layer: self._choose(layer=layer))
        self._heat.addItem("no heat map", "")
        for key in HEATS:
            self._heat.addItem(f"heat: {key}", key)
        self._heat.setMinimumContentsLength(8)
        self._heat.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._heat.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._heat.setToolTip("Colours over the crop (V)")
        self._heat.activated.connect(lambda _: self._choose(heat=self._heat.currentData()))
        self._grid.setToolTip("Of all the places that the layer reads, how many lie in the crop")
        self._grid.setText("hold up a hand")
        self._grid.setMinimumWidth(1)  # in a small window it gives way
        chooser.addWidget(self._grid, 1)
        chooser.addWidget(self._heat)
        plots = QHBoxLayout()
        plots.addLayout(titled("Mean |offset| per layer (tokens)", self.over_time), 1)
        plots.addLayout(titled("|offset| per anchor (tokens): click one", self.per_anchor), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 0)
        layout.addLayout(chooser)
        layout.addLayout(plots, 1)
