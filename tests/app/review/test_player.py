from time import perf_counter, sleep

import numpy as np
import pytest
from fake_clip import FakeClip, FakeEstimator, FakeReader
from fake_parts import HEIGHT, WIDTH
from watcher import Watcher

from dfmamba.errors import UserError

pytestmark = pytest.mark.usefixtures("no_thread_left")

EVEN = [i / 30 for i in range(40)]
UNEVEN = (0.0, 0.04, 0.055, 0.2, 0.21, 0.33)


@pytest.fixture
def watch():
    watchers = []

    def make(clip=None, estimator=None):
        watchers.append(Watcher(clip or FakeClip(EVEN), estimator or FakeEstimator()))
        watchers[-1].player.pause(True)
        watchers[-1].player.start()
        return watchers[-1]

    yield make
    for watcher in watchers:
        begin = perf_counter()
        assert watcher.player.close()
        assert perf_counter() - begin < 1


def level(view):
    return int(view.frame.image[0, 0, 0])


def small(view):
    return view.frame.image.shape[1] == 160


def wrist(view):
    return view.sight.finding.estimate.hands[0].joints_px[0, 0]


def test_the_first_frame_is_shown_with_its_hands(watch):
    seen = watch()
    seen.until(lambda: seen.complete(0))
    assert wrist(seen.views[-1]) == 100


@pytest.mark.parametrize("times", [EVEN, UNEVEN])
def test_a_frame_is_never_shown_with_the_hands_of_another(watch, times):
    seen = watch(FakeClip(times))
    for index in (5, 1, 2, 3, 0, 4):
        seen.go(index)
    assert all(level(view) == view.frame.index for view in seen.views if not small(view))
    assert all(wrist(view) == 100 + view.frame.index for view in seen.views if view.sight)


def test_steps_hit_exact_frames_of_a_variable_rate_clip_both_ways(watch):
    seen = watch(FakeClip(UNEVEN))
    for step, index in [(1, 1), (1, 2), (1, 3), (-1, 2), (-1, 1), (1, 2), (1, 3), (1, 4), (1, 5)]:
        seen.player.step(step)
        seen.until(lambda index=index: seen.complete(index))
        assert seen.views[-1].frame.time_s == UNEVEN[index]
    seen.player.step(1)
    sleep(0.05)
    assert seen.player.transport.index == 5


def test_a_scrub_shows_the_newest_frame_at_last_and_never_goes_back(watch):
    seen = watch(FakeClip(EVEN, seconds=0.01), FakeEstimator(seconds=0.03))
    for index in range(2, 40):
        seen.player.seek(index)
        sleep(0.003)
    seen.until(lambda: seen.complete(39))
    assert seen.indices == sorted(seen.indices)


def test_a_scrub_does_not_infer_what_was_passed_over(watch):
    estimator = FakeEstimator(seconds=0.05)
    seen = watch(FakeClip(EVEN), estimator)
    seen.until(lambda: seen.complete(0))
    for index in range(2, 40):
        seen.player.seek(index)
        sleep(0.002)
    seen.until(lambda: seen.complete(39))
    first, _ = estimator.runs
    assert len([each for each in first.seen if each != "reset"]) < 15


def test_what_was_seen_is_shown_at_once(watch):
    clip, estimator = FakeClip(EVEN), FakeEstimator()
    seen = watch(clip, estimator)
    for index in (3, 30, 17):
        seen.go(index)
    clip.seconds = 0.5
    for run in estimator.runs:
        run.seconds = 0.5
    begin = perf_counter()
    for index in (3, 30, 17):
        seen.go(index)
    assert perf_counter() - begin < 0.4


def test_a_thumbnail_stands_in_until_the_frame_is_decoded(watch, monkeypatch):
    monkeypatch.setattr("dfmamba_live.review.player.FRAME_BYTES", 3 * HEIGHT * WIDTH * 3)
    clip = FakeClip(EVEN)
    seen = watch(clip)
    seen.until(lambda: len(seen.player.thumbnails) == 40)
    assert len(seen.player.frames) <= 3
    clip.seconds = 0.3
    seen.player.seek(20)
    seen.until(lambda: seen.indices[-1] == 20)
    assert small(seen.views[-1])
    assert level(seen.views[-1]) == 20
    assert seen.views[-1].sight is None
    seen.until(lambda: not small(seen.views[-1]))
    assert level(seen.views[-1]) == 20


def test_playing_keeps_time_however_slow_the_network(watch):
    seen = watch(FakeClip(EVEN), FakeEstimator(seconds=0.08))
    seen.until(lambda: seen.complete(0))
    seen.player.set_looping(False)
    begin = perf_counter()
    seen.player.pause(False)
    seen.until(lambda: not seen.player.transport.playing)
    assert 1.2 < perf_counter() - begin < 1.8
    seen.until(lambda: seen.complete(39))
    assert seen.indices == sorted(seen.indices)
    with_hands = [bool(view.sight) for view in seen.views if view.frame.index > 0]
    assert all(with_hands[with_hands.index(True) : -2])  # the last one is at rest again


def test_the_clip_plays_at_once_and_the_hands_join_in(watch):
    estimator = FakeEstimator(seconds=0.5)
    seen = watch(FakeClip(EVEN), estimator)
    seen.player.pause(False)
    seen.until(lambda: len(seen.views) > 8)
    assert not any(view.sight for view in seen.views[:8])
    for run in estimator.runs:
        run.seconds = 0.05
    seen.until(lambda: seen.views[-1].sight is not None)
    joined = len(seen.views)
    seen.until(lambda: len(seen.views) > joined + 5)
    assert all(view.sight for view in seen.views[joined:])


def test_frames_are_settled_by_one_run_in_order_whichever_way_a_person_went(watch):
    estimators = FakeEstimator(), FakeEstimator()
    for estimator, way in zip(estimators, ((30, 3, 4, 12), (5, 1)), strict=True):
        seen = watch(FakeClip(EVEN), estimator)
        for index in way:
            seen.go(index)
        seen.until(lambda seen=seen: seen.player.findings.lane().settled.all())
    runs = [estimator.runs[1].seen for estimator in estimators]
    assert runs[0] == runs[1] == list(range(40))


def test_a_jump_is_looked_at_afresh_and_a_step_on_is_followed(watch):
    estimator = FakeEstimator()
    seen = watch(FakeClip(EVEN), estimator)
    for index in (20, 21, 22, 5):
        seen.go(index)
    first = estimator.runs[0].seen
    assert first == ["reset", 20, 21, 22, "reset", 5]


def test_pictures_of_a_folder_are_each_taken_alone(watch):
    estimator = FakeEstimator()
    seen = watch(FakeClip(range(6), follows=False), estimator)
    for index in (3, 4):
        seen.go(index)
    seen.until(lambda: seen.player.findings.lane().settled.all())
    assert sorted(estimator.runs[1].seen) == [f"{i} alone" for i in range(6)]
    assert not estimator.runs[0].seen


def test_a_damaged_frame_is_told_and_the_rest_plays(watch):
    seen = watch(FakeClip(EVEN, broken={7}))
    seen.player.seek(7)
    seen.until(lambda: bool(seen.failures))
    assert seen.failures == ["frame 7 is damaged"]
    seen.go(8)
    seen.until(lambda: seen.player.findings.lane().settled.sum() == 39)


def test_layers_are_traced_while_playing(watch):
    seen = watch(FakeClip(EVEN))
    seen.until(lambda: seen.player.findings.lane().settled.all())
    seen.player.trace(True)
    seen.player.pause(False)
    seen.until(lambda: seen.player.transport.index > 20)
    played = [view for view in seen.views if 10 < view.frame.index < 20 and view.sight]
    assert len(played) > 3
    assert all(view.sight.finding.estimate.traced for view in played)


def test_the_frame_at_which_it_is_held_is_shown(watch):
    seen = watch(FakeClip(EVEN), FakeEstimator(seconds=0.2))
    seen.until(lambda: seen.complete(0))
    seen.player.pause(False)
    seen.until(lambda: seen.player.transport.index > 12)
    seen.player.pause(True)
    held = seen.player.transport.index
    seen.until(lambda: seen.indices[-1] == held, patience_s=0.15)
    seen.until(lambda: seen.complete(held))


def test_the_end_is_told_whoever_asks_first(watch):
    seen = watch(FakeClip([0.0, 0.01, 0.02]))
    seen.player.set_looping(False)
    seen.player.pause(False)
    told = seen.changes
    seen.until(lambda: not seen.player.transport.playing)
    seen.until(lambda: seen.changes > told)


def test_layers_are_traced_on_request_for_frames_known_before(watch):
    estimator = FakeEstimator()
    seen = watch(FakeClip(EVEN), estimator)
    seen.go(4)
    seen.player.trace(True)
    seen.until(lambda: seen.views[-1].sight.finding.estimate.traced)
    assert seen.complete(4)
    assert estimator.reader.calls == 1


def test_two_networks_are_compared_on_the_crops_that_are_shown(watch):
    seen = watch()
    seen.go(4)
    seen.player.compare(lambda: FakeReader(shift=0.1))
    seen.until(lambda: seen.views[-1].sight.difference is not None)
    difference = seen.views[-1].sight.difference
    assert difference.mm == pytest.approx([0] + [9.23] * 20)
    assert difference.px == pytest.approx([0.1 * np.sqrt(2)] * 21)
    assert difference.frames >= 1
    seen.go(9)
    seen.until(lambda: seen.views[-1].sight.difference is not None)
    seen.player.compare(None)
    seen.until(lambda: seen.views[-1].sight.difference is None)


def test_weights_that_cannot_be_loaded_are_told_and_the_rest_goes_on(watch):
    def load():
        raise UserError("there is no weights file x")

    seen = watch()
    seen.player.compare(load)
    seen.until(lambda: bool(seen.failures))
    assert seen.failures == ["there is no weights file x"]
    seen.go(3)


def test_every_clip_it_opened_is_closed():
    clip = FakeClip(EVEN)
    watcher = Watcher(clip, FakeEstimator())
    watcher.player.start()
    watcher.until(lambda: bool(watcher.views))
    assert watcher.player.close()
    assert clip.closed == clip.opened == 3
    assert watcher.player.frames.bytes == 0


def test_frames_that_fail_are_told_once_and_passed_over(watch):
    seen = watch(FakeClip(EVEN), FakeEstimator(fails_at=(3, 4)))
    seen.until(lambda: len(EVEN) - int(seen.player.findings.lane().seen.sum()) == 2)
    assert len(seen.failures) == 1
    assert seen.failures[0].endswith("goes on: RuntimeError: out of memory")
    seen.go(7)
    assert wrist(seen.views[-1]) == 107


def test_three_frames_that_fail_in_a_row_end_the_review(watch):
    seen = watch(FakeClip(EVEN), FakeEstimator(fails_at=(3, 4, 5)))
    seen.until(lambda: len(seen.failures) == 2)
    assert "RuntimeError: out of memory; 3 frames failed in a row" in seen.failures[-1]
