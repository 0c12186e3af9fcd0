"""Live plots of speed: frames a second, and what the time from camera to screen is made of."""

from collections import deque

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from dfmamba.pipeline import STAGES
from dfmamba_live.result import Result
from dfmamba_live.views.plots.base import LINE_COLOUR, Plot
from dfmamba_live.views.plots.history import RATE_WINDOW_S, REDRAW_S, SPAN_S, History

RECENT = 100
"""Frames over which the detector's share is taken."""
STEPS = ("wait", *STAGES, "other", "show")
_COLOURS = ("#8a94a3", "#f2a93b", "#4aa3f5", "#8bd17c", "#b67df0", "#c9a98b", "#e8688a")
STEP_COLOURS = dict(zip(STEPS, _COLOURS, strict=True))


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
        self._rate, self._latency = Plot(), Plot()
        self._curves = {"rate": self._rate.plot(pen=pg.mkPen(LINE_COLOUR, width=2))}
        # Stacked: each area reaches up to the sum so far, and hides the lower part of the next.
        for name in reversed(STEPS):
            self._curves[name] = self._latency.plot(
                pen=None, fillLevel=0, brush=pg.mkBrush(STEP_COLOURS[name])
            )
        self._lay_out()
        self.clear()

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
        self._facts.setText(f"<b>{self._device}</b> &nbsp;·&nbsp; no frame shown yet")
        self._legend.setText("")

    def _lay_out(self) -> None:
        for label in (self._facts, self._legend):
            label.setObjectName("plot-title")
            label.setMinimumWidth(1)
        plots = QHBoxLayout()
        for widget, unit, share in ((self._rate, "fps", 2), (self._latency, "ms", 3)):
            widget.setLabel("left", unit)
            widget.setXRange(-SPAN_S, 0, padding=0)
            plots.addWidget(widget, share)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._facts)
        layout.addWidget(self._legend)
        layout.addLayout(plots, 1)

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
        self._legend.setText(
            f"<b>{np.median(total[last]):.0f} ms</b> from camera to screen:&nbsp; {parts}"
        )
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
