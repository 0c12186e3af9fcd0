"""Settings of the smoothing tried on what the network read: how steady, how late, how far off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.metrics import Doubles, best_scaled_error, distances, procrustes_error
from dfmamba.pipeline.bones import STRENGTH, BoneLengths
from dfmamba.pipeline.smooth import BETA, MIN_CUTOFF_HZ, PoseSmoother
from dfmamba.temporal.footage import Footage
from dfmamba.temporal.measures import WINDOW, jitter, lag_s
from dfmamba.temporal.record import Signals

MIN_CUTOFFS_HZ = (0.5, 1.0, 2.0, 4.0)
"""Below half a hertz a hand at rest takes a second to settle, which looks like creeping."""
BETAS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
MOST_LAG_MS = 15.0
"""What a quick hand may be late by for the sake of steadiness: under half a webcam's frame."""
QUIET = 1 / 3
"""Share of a real video's windows, those of the least motion, in which jitter is measured."""


class Setting(NamedTuple):
    """What `OneEuro` is given."""

    min_cutoff_hz: float
    """The cut-off at rest, Hz."""
    beta: float
    """How it rises with speed."""


IN_USE = Setting(MIN_CUTOFF_HZ, BETA)


@dataclass(frozen=True)
class Jitter:
    """Root mean squares of `measures.jitter`."""

    pixels: float
    """Of joints in the image, px."""
    shape_mm: float
    """Of joints around the wrist, mm."""
    root_mm: float
    """Of the wrist in the camera frame, mm."""


@dataclass(frozen=True)
class Tried:
    """A setting, and what it does."""

    setting: Setting | None
    """None: nothing smoothed."""
    rest: Jitter
    """Of made hands at rest."""
    quick_ms: float
    """Added lag in the image of a quick made hand."""
    slow_ms: float
    """Added lag in the image of a made hand a third as fast."""
    error_px: float
    """The mean distance of the made hands in motion to the truth, in the image."""
    real: Jitter | None = None
    """Of real hands in their quietest moments."""
    real_ms: float | None = None
    """Added lag in the image of real hands; None where the videos are too short for it."""


def try_setting(setting: Setting | None, footage: Footage) -> Tried:
    """Smooth all hands in one way and measure."""
    resting, moving, real = (
        [smoothed(each, setting) for each in part]
        for part in (footage.resting, footage.moving, footage.real)
    )
    quick_ms, slow_ms = (
        1000 * lag_s(late.pixels, early.pixels, early.times_s)
        for late, early in zip(moving, footage.moving, strict=True)
    )
    errors = [
        distances(each.pixels, true).mean()
        for each, true in zip(moving, footage.true_px, strict=True)
    ]
    tried = Tried(setting, _jitter(resting), quick_ms, slow_ms, float(np.mean(errors)))
    if not real:
        return tried
    lags = [
        1000 * lag_s(late.pixels, early.pixels, early.times_s)
        for late, early in zip(real, footage.real, strict=True)
    ]
    quiets = [quiet(each) for each in footage.real]
    return replace(tried, real=_jitter(real, quiets), real_ms=_median(lags))


def _median(values: Sequence[float]) -> float | None:
    """Of the values that are numbers, if any are."""
    known = [each for each in values if not np.isnan(each)]
    return float(np.median(known)) if known else None


def smoothed(signals: Signals, setting: Setting | None) -> Signals:
    """A hand smoothed as the pipeline does."""
    if setting is None:
        return signals
    smooth = PoseSmoother(*setting)
    frames = []
    for time_s, pixels, shape, root in zip(*signals[:4], strict=True):
        known = None if np.isnan(root).any() else root[0]
        *joints, place = smooth(pixels, shape, known, time_s)
        frames.append((*joints, root if place is None else place[None]))
    pixels, shape, root = (np.stack(part) for part in zip(*frames, strict=True))
    return signals._replace(pixels=pixels, shape=shape, root=root)


def quiet(signals: Signals) -> NDArray[np.bool_]:
    """Windows (T - WINDOW + 1,) in which a hand moves least."""
    far = WINDOW - 1
    way = np.linalg.norm(signals.pixels[far:] - signals.pixels[:-far], axis=-1).mean(axis=-1)
    speed = way / (signals.times_s[far:] - signals.times_s[:-far])
    return np.asarray(speed <= np.quantile(speed, QUIET))


@dataclass(frozen=True)
class Held:
    """Errors of made hands in motion."""

    mpjpe_mm: float
    """mm, at the best scale."""
    pa_mpjpe_mm: float
    """mm, after Procrustes alignment."""
    jitter_mm: float
    """mm, of hands at rest."""


def compare_bones(footage: Footage) -> dict[str, Held]:
    """The hands with bones as they were read, and as the pipeline holds them."""
    strengths = {"as read": 0.0, "held": STRENGTH}
    return {name: _held(footage, strength) for name, strength in strengths.items()}


def _held(footage: Footage, strength: float) -> Held:
    def held(signals: Signals) -> Doubles:
        bones = BoneLengths(strength)
        palm, read = WRIST_TO_MIDDLE_MCP_MM, zip(signals.shape, signals.confidence, strict=True)
        return np.stack([bones(shape / palm, sure) * palm for shape, sure in read])

    pairs = [(held(each), true) for each, true in zip(footage.moving, footage.true_mm, strict=True)]
    still = [jitter(held(each)) for each in footage.resting]
    return Held(
        mpjpe_mm=float(np.mean([best_scaled_error(*pair).mean() for pair in pairs])),
        pa_mpjpe_mm=float(np.mean([procrustes_error(*pair).mean() for pair in pairs])),
        jitter_mm=float(np.sqrt(np.mean(np.concatenate(still) ** 2))),
    )


def settings() -> list[Setting]:
    """Those that are tried."""
    tried = [Setting(*each) for each in product(MIN_CUTOFFS_HZ, BETAS)]
    return tried if IN_USE in tried else [*tried, IN_USE]


def best(tried: Sequence[Tried]) -> Setting:
    """The steadiest of those whose lag on a quick hand is bearable; the quickest if none is."""
    found = {each.setting: each for each in tried if each.setting is not None}
    bearable = [name for name, each in found.items() if each.quick_ms <= MOST_LAG_MS]
    if not bearable:
        return min(found, key=lambda name: found[name].quick_ms)
    return min(bearable, key=lambda name: found[name].rest.pixels)


def _jitter(parts: Sequence[Signals], chosen: Sequence[NDArray[np.bool_]] | None = None) -> Jitter:
    """Of all windows, or of the chosen ones of each hand."""

    def of(name: str) -> float:
        windows = [jitter(getattr(each, name)) for each in parts]
        if chosen is not None:
            windows = [each[kept] for each, kept in zip(windows, chosen, strict=True)]
        return float(np.sqrt(np.nanmean(np.concatenate(windows) ** 2)))

    return Jitter(of("pixels"), of("shape"), of("root"))
