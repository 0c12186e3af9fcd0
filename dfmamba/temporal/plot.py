"""Jitter against lag, drawn."""

from collections.abc import Sequence
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import FINGER_COLOURS
from dfmamba.temporal.sweep import Setting, Tried

WIDTH, HEIGHT, BORDER = 760, 480, 64
INK, GRID = (40, 40, 40), (222, 222, 222)
COLOURS = (*FINGER_COLOURS, (120, 120, 120))
TICKS = 6

Colour = tuple[int, int, int]


class _Chart:
    """An empty chart whose axes begin at 0; x is lag, ms, and y jitter, px."""

    def __init__(self, most: tuple[float, float]) -> None:
        self.picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
        self._most = most
        for share in np.linspace(0, 1, TICKS):
            x, y = most[0] * share, most[1] * share
            cv2.line(self.picture, self.pixel(x, 0), self.pixel(x, most[1]), GRID)
            cv2.line(self.picture, self.pixel(0, y), self.pixel(most[0], y), GRID)
            self.write(f"{x:.0f}", (self.pixel(x, 0)[0] - 8, HEIGHT - BORDER + 18))
            self.write(f"{y:.2f}", (BORDER - 42, self.pixel(0, y)[1] + 4))
        self.write("added lag of a quick hand, ms", (WIDTH // 2 - 90, HEIGHT - 16))
        self.write("jitter of a hand at rest, px", (12, 24))

    def pixel(self, x: float, y: float) -> tuple[int, int]:
        """Where a point lies in the picture."""
        across, up = x / self._most[0], y / self._most[1]
        width, height = WIDTH - 2 * BORDER, HEIGHT - 2 * BORDER
        return round(BORDER + across * width), round(HEIGHT - BORDER - up * height)

    def line(self, dots: Sequence[tuple[int, int]], colour: Colour) -> None:
        """Dots, joined."""
        cv2.polylines(self.picture, [np.array(dots, np.int32)], False, colour, 2, cv2.LINE_AA)
        for dot in dots:
            cv2.circle(self.picture, dot, 4, colour, -1, cv2.LINE_AA)

    def ring(self, x: float, y: float, text: str) -> None:
        """A named mark around a point."""
        at = self.pixel(x, y)
        cv2.circle(self.picture, at, 9, INK, 2, cv2.LINE_AA)
        self.write(text, (at[0] + 12, at[1] - 8))

    def write(self, text: str, at: tuple[int, int], colour: Colour = INK) -> None:
        """A line of text, its lower left corner at a pixel."""
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(self.picture, text, at, font, 0.42, colour, 1, cv2.LINE_AA)


def jitter_lag_plot(tried: Sequence[Tried], marks: dict[str, Setting]) -> NDArray[np.uint8]:
    """An RGB picture: a line for each beta, on it the cut-offs; the named settings are ringed."""
    smooth = [each for each in tried if each.setting is not None]
    lag, jitter = (max(values) for values in zip(*map(_place, smooth), strict=True))
    chart = _Chart((1.05 * max(lag, 1.0), 1.05 * max(jitter, 1e-3)))
    for row, (beta, group) in enumerate(groupby(sorted(smooth, key=_beta), key=_beta)):
        colour = COLOURS[row % len(COLOURS)]
        line = sorted(group, key=lambda each: each.setting or (0, 0))
        chart.line([chart.pixel(*_place(each)) for each in line], colour)
        chart.write(f"beta {beta:g}", (WIDTH - BORDER - 64, BORDER + 18 * (row + 1)), colour)
    for name, setting in marks.items():
        (marked,) = [each for each in smooth if each.setting == setting]
        cutoff, beta = setting
        chart.ring(*_place(marked), f"{name}: {cutoff:g} Hz, beta {beta:g}")
    return chart.picture


def _place(tried: Tried) -> tuple[float, float]:
    return tried.quick_ms, tried.rest.pixels


def _beta(tried: Tried) -> float:
    return tried.setting.beta if tried.setting else 0.0
