"""The stretches of what was read in which a hand is followed: what the measures are taken of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dfmamba.errors import UserError
from dfmamba.metrics import Doubles, distances
from dfmamba.temporal.motion import MOVING_SIDES, RATE, Motion
from dfmamba.temporal.record import Recording, Signals

LEAST_FRAMES = 30
"""Shorter stretches of a video say nothing of motion."""


@dataclass(frozen=True)
class Footage:
    """What was read of hands."""

    resting: Sequence[Signals]
    """Made hands at rest."""
    moving: Sequence[Signals]
    """Made hands in motion, the quick one first."""
    true_px: Sequence[Doubles]
    """(T, 21, 2) each: the moving hands' joints, frame pixels."""
    true_mm: Sequence[Doubles]
    """(T, 21, 3) each: the moving hands' joints, mm, camera frame."""
    real: Sequence[Signals]
    """Hands of real videos."""


def footage_of(
    rest: Recording, moving: Recording, motion: Motion, real: Iterable[Recording]
) -> Footage:
    """What was read of made hands at rest and in `motion`, and of real videos.

    Raises:
        UserError: the network lost one of the made hands.
    """
    signals = [_moving(moving, motion.joints_px[:, hand]) for hand in range(len(MOVING_SIDES))]
    rows = [np.rint(each.times_s * RATE).astype(int) for each in signals]
    hands = list(enumerate(rows))
    return Footage(
        resting=[run for hand in rest.hands for run in hand.runs(LEAST_FRAMES)],
        moving=signals,
        true_px=[motion.joints_px[row, hand] for hand, row in hands],
        true_mm=[motion.joints_mm[row, hand] for hand, row in hands],
        real=[run for each in real for hand in each.hands for run in hand.runs(LEAST_FRAMES)],
    )


def _moving(recording: Recording, true_px: Doubles) -> Signals:
    """The longest stretch in which a made hand, with joints (T, 21, 2), was followed."""

    def near(run: Signals) -> bool:
        true = true_px[round(run.times_s[0] * RATE)]
        return bool(distances(run.pixels[0], true).mean() < np.ptp(true, axis=0).max() / 2)

    runs = [run for hand in recording.hands for run in hand.runs(LEAST_FRAMES) if near(run)]
    if not runs:
        raise UserError("the network loses the made hands, so there is nothing to measure")
    return max(runs, key=lambda run: len(run.times_s))
