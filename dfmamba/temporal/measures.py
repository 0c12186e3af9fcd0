"""Jitter and lag, defined.

A signal is (T, J, D): J points in D dimensions at T times. Neither measure needs the truth, so that
both can be taken of real video too.
"""

import numpy as np

from dfmamba.metrics import Doubles

WINDOW, DEGREE = 7, 2
"""Jitter is what a parabola over this many samples leaves over: motion of a hand fits one."""
MOST_LAG_S, LAG_STEP_S = 0.2, 0.001


def jitter(signal: Doubles) -> Doubles:
    """How much points tremble, one figure for each window of samples: (T - WINDOW + 1,).

    The root mean square over the points of the distance between the window's middle sample and the
    parabola that fits the window best, divided by the share that the fit lets through: of white
    noise it is sqrt(D) times the spread in one direction.
    """
    middle = np.zeros(WINDOW)
    middle[WINDOW // 2] = 1.0
    kernel = middle - _fit()
    left = _windows(signal) @ kernel / np.linalg.norm(kernel)
    return np.asarray(np.sqrt(np.mean(np.sum(left**2, axis=-1), axis=-1)))


def lag_s(late: Doubles, early: Doubles, times_s: Doubles) -> float:
    """By how much `late` follows `early`, both at times (T,) in seconds: 0 to `MOST_LAG_S`.

    The delay of `early`, interpolated between its samples, that brings it nearest to `late` by
    least squares: the one that maximises their correlation, where one is the other delayed. Both
    are taken from the same local fits, so that noise of one sample does not count, and steps
    between samples do not either. Not a number where the signals are too short for that.
    """
    times = times_s[WINDOW // 2 : len(times_s) - WINDOW // 2]
    flat_late, flat_early = (
        (_windows(part) @ _fit()).reshape(len(times), -1) for part in (late, early)
    )
    inside = times >= times[0] + MOST_LAG_S
    if not inside.any():
        return float("nan")

    def apart(delay_s: float) -> float:
        at = times[inside] - delay_s
        after = np.clip(np.searchsorted(times, at), 1, len(times) - 1)
        start = times[after - 1]
        share = ((at - start) / (times[after] - start))[:, None]
        delayed = (1 - share) * flat_early[after - 1] + share * flat_early[after]
        return float(np.mean((flat_late[inside] - delayed) ** 2))

    delays = np.arange(0.0, MOST_LAG_S, LAG_STEP_S)
    return float(delays[np.argmin([apart(each) for each in delays])])


def _windows(signal: Doubles) -> Doubles:
    return np.lib.stride_tricks.sliding_window_view(signal, WINDOW, axis=0)


def _fit() -> Doubles:
    """The kernel (WINDOW,) that gives the fit's value in the middle of a window."""
    steps = np.arange(WINDOW, dtype=np.float64) - WINDOW // 2
    return np.asarray(np.linalg.pinv(np.vander(steps, DEGREE + 1, increasing=True))[0])
