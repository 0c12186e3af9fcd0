from dataclasses import replace

import numpy as np
import pytest
from made import made, read

from dfmamba.pipeline.smooth import PoseSmoother
from dfmamba.temporal.footage import footage_of
from dfmamba.temporal.record import Signals
from dfmamba.temporal.sweep import (
    MOST_LAG_MS,
    Setting,
    best,
    compare_bones,
    quiet,
    smoothed,
    try_setting,
)


@pytest.fixture(scope="module")
def footage():
    motion = made()
    rest = motion.at_rest(60)
    return footage_of(read(rest), read(motion, seed=1), motion, [read(motion, seed=2)])


@pytest.fixture(scope="module")
def tried(footage):
    steady, loose = Setting(0.5, 1.0), Setting(4.0, 25.0)
    return {name: try_setting(name, footage) for name in (None, steady, loose)}


def test_unsmoothed_hands_tremble_and_do_not_lag(tried):
    none = tried[None]
    assert none.rest.pixels == pytest.approx(0.3 * np.sqrt(2), rel=0.05)
    assert none.quick_ms == none.slow_ms == none.real_ms == 0


def test_the_steadier_setting_is_the_later_one(tried):
    none, steady, loose = tried.values()
    assert steady.rest.pixels < loose.rest.pixels < none.rest.pixels
    assert steady.rest.shape_mm < loose.rest.shape_mm < none.rest.shape_mm
    assert steady.real.pixels < loose.real.pixels
    assert steady.quick_ms > loose.quick_ms > 0
    assert steady.error_px > none.error_px


def test_the_best_is_the_steadiest_that_is_quick_enough(tried):
    chosen = best(list(tried.values()))
    assert chosen == Setting(4.0, 25.0)
    assert tried[chosen].quick_ms <= MOST_LAG_MS < tried[Setting(0.5, 1.0)].quick_ms
    assert best([tried[None], tried[Setting(0.5, 1.0)]]) == Setting(0.5, 1.0)


def test_smoothing_is_that_of_the_pipeline(footage):
    signals, setting = footage.moving[0], Setting(1.0, 5.0)
    told, smoother = smoothed(signals, setting), PoseSmoother(*setting)
    for row, time_s in enumerate(signals.times_s):
        parts = signals.pixels[row], signals.shape[row], signals.root[row, 0]
        pixels, shape, root = smoother(*parts, time_s)
        np.testing.assert_array_equal(told.pixels[row], pixels)
        np.testing.assert_array_equal(told.shape[row], shape)
        np.testing.assert_array_equal(told.root[row, 0], root)


def test_a_short_stretch_of_video_does_not_count_as_without_lag(footage, tried):
    setting = Setting(0.5, 1.0)
    real = footage.real[0]
    short = Signals(np.arange(30) / 240, *(part[:30] for part in real[1:]))
    found = try_setting(setting, replace(footage, real=[short, *footage.real]))
    assert found.real_ms == tried[setting].real_ms > 0
    assert try_setting(setting, replace(footage, real=[short])).real_ms is None


def test_held_bones_are_nearer_to_the_truth(footage):
    figures = compare_bones(footage)
    assert figures["held"].pa_mpjpe_mm < figures["as read"].pa_mpjpe_mm


def test_quiet_windows_are_those_of_least_motion():
    motion = made(90)
    motion.joints_px[:45] = motion.joints_px[0]
    (signals, _) = (hand.runs(30)[0] for hand in read(motion).hands)
    chosen = quiet(signals)
    assert chosen[:39].sum() > 0.8 * chosen.sum()
    assert 0.3 < chosen.mean() < 0.37
