"""Live plots of speed: frames a second, and what the time from camera to screen is made of."""

from collections import deque

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.worker import Result
from dfmamba.pipeline.estimator import STAGES

SPAN_S = 10.0
RATE_WINDOW_S = 1.0
REDRAW_S = 0.1
"""Ten redraws a second are enough for the eye and leave the processor to the network."""
RECENT = 100
"""Frames over which the detector's share is taken."""
STEPS = ("wait", *STAGES, "other", "show")
_COLOURS = ("#8a94a3", "#f2a93b", "#4aa3f5", "#8bd17c", "#b67df0", "#c9a98b", "#e8688a")
STEP_COLOURS = dict(zip(STEPS, _COLOURS, strict=True))
LINE_COLOUR = "#f5f7fa"
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
    """Frames a second and milliseconds from the camera to the screen, and where they go.

    Nothing is drawn while it is hidden.
    """

    def __init__(self, device: str) -> None:
        super().__init__()
        self._device = device
        self._history = History("rate", *STEPS)
        self._times = History()
        self._detected: deque[bool] = deque(maxlen=RECENT)
        self._dropped = 0
        self._drawn = -np.inf
        self._facts, self._legend = QLabel(), QLabel()
        self._rate, self._latency = plot(), plot()
        self._curves = {"rate": self._rate.plot(pen=pg.mkPen(LINE_COLOUR, width=2))}
        # Stacked: each area reaches up to the sum so far, and hides the lower part of the next.
        for name in reversed(STEPS):
            self._curves[name] = self._latency.plot(
                pen=None, fillLevel=0, brush=pg.mkBrush(STEP_COLOURS[name])
            )
        self._lay_out()

    @property
    def rate(self) -> float:
        """Frames shown per second over the last second."""
        return self._times.rate()

    @property
    def facts(self) -> str:
        """The line of figures over the plots."""
        return self._facts.text()

    def curves(self) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
        """What is plotted: ages in seconds, values by name (`rate` and each of `STEPS`)."""
        return self._history.curves()

    def add(self, result: Result, shown: float) -> None:
        """Take in a result that was on the screen at `shown`, by `time.perf_counter`."""
        self._times.add(shown)
        self._detected.append(result.estimate.detected)
        self._dropped = result.dropped
        self._history.add(shown, rate=self.rate, **steps_ms(result, shown))
        if shown - self._drawn >= REDRAW_S and self.isVisible():
            self._drawn = shown
            self._draw()

    def clear(self) -> None:
        """Forget the source before."""
        self._history, self._times = History("rate", *STEPS), History()
        self._detected.clear()

    def _lay_out(self) -> None:
        for label in (self._facts, self._legend):
            label.setObjectName("plot-title")
            label.setMinimumWidth(1)
        plots = QHBoxLayout()
        plots.addLayout(titled("Frames shown per second", self._rate), 2)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._legend)
        right.addWidget(self._latency, 1)
        plots.addLayout(right, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._facts)
        layout.addLayout(plots, 1)
        for widget in (self._rate, self._latency):
            widget.setXRange(-SPAN_S, 0, padding=0)

    def _draw(self) -> None:
        ages, values = self._history.curves()
        self._curves["rate"].setData(ages, values["rate"])
        total = np.zeros_like(ages)
        for name in STEPS:
            total = total + values[name]
            self._curves[name].setData(ages, total)
        self._rate.setYRange(0, max(5.0, 1.15 * float(values["rate"].max())), padding=0)
        # A lone first frame, slow to start, must not flatten the rest.
        self._latency.setYRange(0, max(20.0, 1.3 * float(np.percentile(total, 95))), padding=0)
        self._write(ages, values, total)

    def _write(
        self,
        ages: NDArray[np.float64],
        values: dict[str, NDArray[np.float64]],
        total: NDArray[np.float64],
    ) -> None:
        last = ages >= -RATE_WINDOW_S
        parts = "&nbsp; ".join(
            f'<span style="color:{colour}">■</span>{name} {np.median(values[name][last]):.0f}'
            for name, colour in STEP_COLOURS.items()
        )
        self._legend.setText(f"Camera to screen (ms) <b>{np.median(total[last]):.0f}</b>: {parts}")
        share = 100 * sum(self._detected) / len(self._detected)
        self._facts.setText(
            f"<b>{self._device}</b> &nbsp;·&nbsp; {self.rate:.1f} frames/s &nbsp;·&nbsp; "
            f"{self._dropped} frames dropped &nbsp;·&nbsp; detector in {share:.0f}% of frames"
        )


def steps_ms(result: Result, shown: float) -> dict[str, float]:
    """Where the time from capture to screen went, ms; the steps follow one another.

    wait: until the network was free for the frame. other: within the estimator, beside its stages.
    show: from the result to the screen.
    """
    stages = result.estimate.stage_ms
    estimator_ms = 1000 * (result.finished - result.started)
    return {
        "wait": 1000 * (result.started - result.frame.captured),
        **{name: stages[name] for name in STAGES},
        "other": max(0.0, estimator_ms - sum(stages.values())),
        "show": 1000 * (shown - result.finished),
    }
