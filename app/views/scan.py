"""How far a deformable layer reaches: the layer chooser, |offset| over time and per anchor."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.actions import LAYERS
from app.views.history import REDRAW_S, SPAN_S, History
from app.views.overlay import anchor_colours, mean_offset
from app.views.plot import LINE_COLOUR, Plot, titled
from dfmamba.model import ScanTrace
from dfmamba.pipeline.reader import Traces

ARROWS = {
    (-1, -1): "↖", (-1, 0): "↑", (-1, 1): "↗",
    (0, -1): "←", (0, 0): "•", (0, 1): "→",
    (1, -1): "↙", (1, 0): "↓", (1, 1): "↘",
}  # fmt: skip


class ScanView(QWidget):
    """Offsets of the chosen layer; `layer_chosen` carries a layer, 0-based."""

    layer_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._layer: int | None = None
        self._history = History("offset")
        self._drawn = -np.inf
        self._per_anchor: NDArray[np.float64] = np.zeros(0)
        self._buttons = QButtonGroup(self)
        self._grid = QLabel()
        self._time = Plot()
        self._time.setXRange(-SPAN_S, 0, padding=0)
        self._curve = self._time.plot(pen=pg.mkPen(LINE_COLOUR, width=2))
        self._anchors = Plot(x="")
        self._bars = pg.BarGraphItem(x=[], height=[], width=0.7)
        self._anchors.addItem(self._bars)
        self._lay_out()

    def choose(self, layer: int) -> None:
        """Show that `layer` is chosen, and forget the curve of the one before."""
        if layer == self._layer:
            return
        self._layer = layer
        self._buttons.button(layer).setChecked(True)
        self._history = History("offset")
        self._drawn = -np.inf

    def add(self, time_s: float, hands: Sequence[Traces]) -> None:
        """Take in the traces of one frame, the mean over its hands."""
        traces = [each[self._layer or 0] for each in hands if each]
        if not traces:
            return
        self._per_anchor = np.mean([mean_offset(trace) for trace in traces], axis=0)
        self._history.add(time_s, offset=float(self._per_anchor.mean()))
        if time_s - self._drawn >= REDRAW_S and self.isVisible():
            self._drawn = time_s
            self._draw(traces[0])

    def curves(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What is plotted: ages (N,) in seconds and the mean |offset| (N,) in token units."""
        ages, values = self._history.curves()
        return ages, values["offset"]

    @property
    def per_anchor(self) -> NDArray[np.float64]:
        """The bars (K,): mean |offset| in token units in the newest frame."""
        return self._per_anchor

    def _lay_out(self) -> None:
        chooser = QHBoxLayout()
        chooser.setSpacing(4)
        for layer in range(LAYERS):
            button = QPushButton(str(layer + 1))
            button.setCheckable(True)
            button.setFixedWidth(26)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(f"Deformable layer {layer + 1} ({layer + 1})")
            self._buttons.addButton(button, layer)
            chooser.addWidget(button)
        self._buttons.idClicked.connect(self.layer_chosen)
        chooser.addStretch()
        chooser.addWidget(self._grid)
        plots = QVBoxLayout()
        plots.addLayout(titled("Mean |offset| (tokens)", self._time))
        plots.addLayout(titled("Mean |offset| per anchor (tokens)", self._anchors))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 0)
        layout.addLayout(chooser)
        layout.addLayout(plots)

    def _draw(self, trace: ScanTrace) -> None:
        self._grid.setText(f"{trace.height} × {trace.width} tokens")
        ages, values = self.curves()
        self._curve.setData(ages, values)
        self._time.setYRange(0, max(0.2, 1.3 * float(values.max())), padding=0)
        count = len(self._per_anchor)
        self._bars.setOpts(
            x=np.arange(count), height=self._per_anchor, brushes=anchor_colours(count), pen=None
        )
        self._anchors.getAxis("bottom").setTicks(
            [list(enumerate(_name(place) for place in np.asarray(trace.anchors)))]
        )
        self._anchors.setYRange(0, max(0.2, 1.2 * float(self._per_anchor.max())), padding=0)


def _name(place: NDArray[np.float64]) -> str:
    """An arrow for a neighbouring token, else its row and column."""
    row, column = place.tolist()
    return ARROWS.get((row, column), f"{row:g},{column:g}")
