"""Jitter against lag, drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dfmamba.temporal.sweep import Setting, Tried

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def jitter_lag_plot(tried: Sequence[Tried], marks: dict[str, Setting]) -> "Figure":
    """A line for each beta, on it the cut-offs; the named settings are ringed."""
    from matplotlib.figure import Figure  # here, as it takes half a second

    found = {each.setting: each for each in tried if each.setting is not None}
    figure = Figure(figsize=(7.6, 4.8), layout="constrained")
    axes = figure.subplots()
    for beta in sorted({setting.beta for setting in found}):
        line = [found[setting] for setting in sorted(found) if setting.beta == beta]
        lags, jitters = zip(*map(_place, line), strict=True)
        axes.plot(lags, jitters, marker="o", label=f"beta {beta:g}")
    for name, setting in marks.items():
        place = _place(found[setting])
        axes.plot(*place, marker="o", markersize=14, fillstyle="none", color="black")
        text = f"{name}: {setting.min_cutoff_hz:g} Hz, beta {setting.beta:g}"
        axes.annotate(text, place, (10, 8), textcoords="offset points")
    axes.set(xlabel="added lag of a quick hand, ms", ylabel="jitter of a hand at rest, px")
    axes.set(xlim=(0, None), ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def _place(tried: Tried) -> tuple[float, float]:
    return tried.quick_ms, tried.rest.pixels
