"""Whether confidence means what it says: of joints with a confidence of 80%, are 80% right?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dfmamba.metrics import Doubles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BINS = 10


@dataclass(frozen=True)
class Reliability:
    """Joints in bins of equal count, the least sure first."""

    told: tuple[float, ...]
    """The mean confidence of each bin, 0 to 1."""
    right: tuple[float, ...]
    """The share of each bin's joints that are right, 0 to 1."""
    error: float
    """The mean distance between the two (expected calibration error)."""


def reliability(confidence: Doubles, right: NDArray[np.bool_]) -> Reliability:
    """Compare confidences with what was right, of any one shape."""
    order = np.argsort(confidence, axis=None, kind="stable")
    parts = np.array_split(order, min(BINS, len(order)))
    told = np.array([confidence.ravel()[part].mean() for part in parts])
    share = np.array([right.ravel()[part].mean() for part in parts])
    weight = np.array([len(part) for part in parts]) / len(order)
    error = float((np.abs(told - share) * weight).sum())
    return Reliability(tuple(told.tolist()), tuple(share.tolist()), error)


def reliability_plot(curves: dict[str, Reliability]) -> "Figure":
    """One diagram beside the other; on the diagonal confidence is right."""
    from matplotlib.figure import Figure  # here, as it takes half a second

    figure = Figure(figsize=(4 * len(curves), 4), layout="constrained")
    every = figure.subplots(1, len(curves), squeeze=False)[0]
    for axes, (name, curve) in zip(every, curves.items(), strict=True):
        axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
        axes.plot(curve.told, curve.right, marker="o")
        axes.set(title=f"{name}: off by {curve.error:.1%}", xlim=(0, 1), ylim=(0, 1))
        axes.set(xlabel="confidence", ylabel="share of joints that are right", aspect="equal")
        axes.grid(alpha=0.3)
    return figure
