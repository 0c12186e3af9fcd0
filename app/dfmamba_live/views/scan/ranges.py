"""Ranges of round numbers: a scale that holds what is shown, and rests while that wavers."""

from math import ceil, floor, log10

import numpy as np

from dfmamba_live.views.scan.places import Floats

STEPS = 5
"""At most, of a range."""


def round_range(values: Floats) -> tuple[float, float]:
    """A range that starts and ends on round numbers and holds all values."""
    low, high = float(np.min(values)), float(np.max(values))
    spread = max(high - low, 1e-3 * abs(high))
    if spread < 1e-9:
        spread = 1.0
    decade = 10 ** floor(log10(spread / STEPS))
    step = next(decade * each for each in (1, 2, 5, 10) if decade * each * STEPS >= spread)
    first, last = floor(low / step), ceil(high / step)
    return first * step, max(last, first + 1) * step
