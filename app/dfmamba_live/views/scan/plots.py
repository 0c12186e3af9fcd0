"""How far the layers reach: mean |offset| of each over time, and its spread for each anchor."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor

from dfmamba.model import ScanTrace
from dfmamba_live.state import LAYERS
from dfmamba_live.views.plots.base import Plot
from dfmamba_live.views.plots.history import SPAN_S, History
from dfmamba_live.views.scan.arrows import anchor_colours
from dfmamba_live.views.scan.card import anchor_name
from dfmamba_live.views.scan.places import Floats, offset_lengths
from dfmamba_live.views.scan.ranges import round_range

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
FADED = 0.3
"""The opacity of what is not chosen."""


def layer_colours() -> list[QColor]:
    """A colour per layer, from cyan for the first through violet to orange for the last."""
    return [QColor.fromHslF((0.52 + 0.09 * layer) % 1, 0.8, 0.6) for layer in range(LAYERS)]


class LayerPlot(Plot):
    """Mean |offset| of each layer over the last seconds, in tokens; the chosen one is thicker."""

    def __init__(self) -> None:
        super().__init__()
        self.setXRange(-SPAN_S, 0, padding=0)
        self._history = History(*map(str, range(LAYERS)))
        self._curves = [self.plot() for _ in range(LAYERS)]
        self.choose(0)

    def choose(self, layer: int) -> None:
        """Show which layer (0-based) is chosen."""
        for index, (curve, colour) in enumerate(zip(self._curves, layer_colours(), strict=True)):
            curve.setPen(pg.mkPen(colour, width=3 if index == layer else 1))
            curve.setZValue(1 if index == layer else 0)

    def add(self, time_s: float, means: Floats) -> None:
        """Take in the layers' means of a frame; a network may have fewer than LAYERS."""
        values = [*means.tolist(), *[np.nan] * (LAYERS - len(means))]
        self._history.add(time_s, **dict(zip(map(str, range(LAYERS)), values, strict=True)))

    def curves(self) -> tuple[Floats, Floats]:
        """What is plotted: ages (N,) in seconds and means (layers, N) in tokens."""
        ages, values = self._history.curves()
        return ages, np.stack(list(values.values()))

    def draw(self) -> None:
        """Bring the picture up to date."""
        ages, values = self.curves()
        for curve, each in zip(self._curves, values, strict=True):
            curve.setData(ages, each)
        _reach(self, values)


class AnchorPlot(Plot):
    """The spread of |offset| over the tokens for each anchor of the chosen layer.

    Boxes from the lower to the upper quartile with the median, and lines from 5% to 95%. `clicked`
    carries the anchor of a column that was clicked.
    """

    clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__(over_time=False)
        self._spread: Floats = np.zeros((len(QUANTILES), 0))
        self._lines, self._boxes = (
            pg.BarGraphItem(x=[], y0=[], height=[], width=1) for _ in range(2)
        )
        self._names: list[str] = []
        self._medians = pg.PlotDataItem(connect="pairs")
        for item in (self._lines, self._boxes, self._medians):
            self.addItem(item)
        self.scene().sigMouseClicked.connect(self._click)

    @property
    def spread(self) -> Floats:
        """What is plotted: QUANTILES of |offset| in tokens (5, K)."""
        return self._spread

    def draw(self, traces: list[ScanTrace], only: int | None) -> None:
        """Show the traces of one layer, of all regions; `only`: the chosen anchor, if any."""
        lengths = np.concatenate([offset_lengths(trace) for trace in traces])
        self._spread = np.quantile(lengths, QUANTILES, axis=0)
        least, lower, median, upper, most = self._spread
        x = np.arange(len(median))
        colours = anchor_colours(len(x))
        for anchor, colour in enumerate(colours):
            colour.setAlphaF(1.0 if only in (None, anchor) else FADED)
        edge = pg.mkPen(self.palette().placeholderText().color(), width=1)
        self._lines.setOpts(
            x=x, y0=least, height=most - least, width=0.1, brushes=colours, pen=None
        )
        self._boxes.setOpts(x=x, y0=lower, height=upper - lower, brushes=colours, pen=edge)
        ends = np.stack([x - 0.33, x + 0.33], axis=1).ravel()
        self._medians.setData(ends, np.repeat(median, 2), pen=pg.mkPen("#101317", width=2))
        self._name([anchor_name(*place) for place in np.asarray(traces[0].anchors).tolist()])
        _reach(self, most)

    def _name(self, names: list[str]) -> None:
        if names != self._names:
            self._names = names
            self.getAxis("bottom").setTicks([list(enumerate(names))])
            self.setXRange(-0.6, len(names) - 0.4, padding=0)

    def _click(self, event: object) -> None:
        place = self.plotItem.vb.mapSceneToView(event.scenePos())  # type: ignore[attr-defined]
        anchor = round(place.x())
        if 0 <= anchor < self._spread.shape[1]:
            self.clicked.emit(anchor)


def _reach(plot: Plot, values: Floats) -> None:
    """Let the upright axis hold values from 0 on; new numbers on it cost more than the curves."""
    plot.setYRange(0, round_range(np.array([0.0, np.nanmax(values, initial=0.2)]))[1], padding=0)


def _bars(width: float) -> pg.BarGraphItem:
    return pg.BarGraphItem(x=[], y0=[], height=[], width=width)
