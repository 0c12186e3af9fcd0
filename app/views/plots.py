"""Live plots of speed: frames a second, time per stage, and from capture to the screen."""

from collections import deque

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from dfmamba.pipeline.estimator import STAGES

SPAN_S = 10.0
RATE_WINDOW_S = 1.0
REDRAW_S = 0.1
"""Ten redraws a second are enough for the eye and leave the processor to the network."""
STAGE_COLOURS = dict(zip(STAGES, ("#f2a93b", "#4aa3f5", "#8bd17c", "#b67df0"), strict=True))
TOTAL_COLOUR = "#f5f7fa"
PLOT_BACKGROUND = "#16191e"
AXIS_COLOUR = "#aeb6c2"


class History:
    """Samples of the last seconds.

    A sample is its time in seconds and one value for each name.
    """

    def __init__(self, *names: str) -> None:
        self._names = names
        self._samples: deque[tuple[float, ...]] = deque()

    def add(self, time_s: float, **values: float) -> None:
        """Append a sample and let go of what is too old."""
        self._samples.append((time_s, *(values[name] for name in self._names)))
        while self._samples[0][0] < time_s - SPAN_S:
            self._samples.popleft()

    def curves(self) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
        """Ages (N,) in seconds, 0 the newest, and values (N,) by name."""
        table = np.array(self._samples, np.float64).reshape(-1, 1 + len(self._names))
        ages = table[:, 0] - (table[-1, 0] if len(table) else 0.0)
        return ages, dict(zip(self._names, table[:, 1:].T, strict=True))

    def rate(self) -> float:
        """Samples a second over the last second; 0 with fewer than two."""
        if len(self._samples) < 2:
            return 0.0
        newest = self._samples[-1][0]
        times = [time for time, *_ in self._samples if time >= newest - RATE_WINDOW_S]
        return (len(times) - 1) / (newest - times[0]) if len(times) > 1 else 0.0


def plot(x: str = "time (s)") -> pg.PlotWidget:
    """An empty plot in the style of the window, not movable by the mouse."""
    widget = pg.PlotWidget(background=PLOT_BACKGROUND)
    for side in ("left", "bottom"):
        axis = widget.getAxis(side)
        axis.enableAutoSIPrefix(False)
        axis.setPen(AXIS_COLOUR)
        axis.setTextPen(AXIS_COLOUR)
    if x:
        widget.setLabel("bottom", x)
    widget.showGrid(x=False, y=True, alpha=0.15)
    widget.setMouseEnabled(x=False, y=False)
    widget.hideButtons()
    widget.setMenuEnabled(False)
    return widget


def titled(title: str, widget: pg.PlotWidget) -> QVBoxLayout:
    """A plot under its title; pyqtgraph's own titles force their width on the plot."""
    label = QLabel(title)
    label.setMinimumWidth(1)
    label.setObjectName("plot-title")
    layout = QVBoxLayout()
    layout.setSpacing(0)
    layout.addWidget(label)
    layout.addWidget(widget, 1)
    return layout


class SpeedPlots(QWidget):
    """Frames a second, and milliseconds per stage and from capture to screen, rolling."""

    def __init__(self) -> None:
        super().__init__()
        self._history = History("rate", "screen", *STAGES)
        self._times = History()
        self._drawn = -np.inf
        self._rate = plot()
        # The title is the legend: one inside the plot would lie over the curves.
        names = {"capture to screen": TOTAL_COLOUR} | STAGE_COLOURS
        legend = "&nbsp; ".join(
            f'<span style="color:{c}">{name}</span>' for name, c in names.items()
        )
        self._latency = plot()
        self._curves = {"rate": self._rate.plot(pen=pg.mkPen(TOTAL_COLOUR, width=2))}
        for name, colour in (STAGE_COLOURS | {"screen": TOTAL_COLOUR}).items():
            self._curves[name] = self._latency.plot(pen=pg.mkPen(colour, width=2))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(titled("Frames per second (1/s)", self._rate), 2)
        layout.addLayout(titled(f"Latency (ms): &nbsp;{legend}", self._latency), 3)
        for widget in (self._rate, self._latency):
            widget.setXRange(-SPAN_S, 0, padding=0)

    @property
    def rate(self) -> float:
        """Frames shown per second over the last second."""
        return self._times.rate()

    def curves(self) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
        """What is plotted: ages in seconds, values by name (`rate`, `screen` and the stages)."""
        return self._history.curves()

    def add(self, time_s: float, stage_ms: dict[str, float], screen_ms: float) -> None:
        """Take in one frame shown at `time_s`."""
        self._times.add(time_s)
        self._history.add(time_s, rate=self.rate, screen=screen_ms, **stage_ms)
        if time_s - self._drawn >= REDRAW_S and self.isVisible():
            self._drawn = time_s
            self._draw()

    def _draw(self) -> None:
        ages, values = self._history.curves()
        for name, curve in self._curves.items():
            curve.setData(ages, values[name])
        self._rate.setYRange(0, max(5.0, 1.15 * float(values["rate"].max())), padding=0)
        # A lone first frame, slow to start, must not flatten the rest.
        top = float(np.percentile(values["screen"], 95))
        self._latency.setYRange(0, max(20.0, 1.3 * top), padding=0)
