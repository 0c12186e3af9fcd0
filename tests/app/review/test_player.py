import numpy as np
import pytest
from fake_clip import FakeClip, FakeEstimator, FakeReader
from fake_parts import HEIGHT, WIDTH
from watcher import Watcher

from dfmamba.errors import UserError

pytestmark = pytest.mark.usefixtures("no_thread_left")

RATE = 30
EVEN = [i / RATE for i in range(40)]
UNEVEN = (0.0, 0.04, 0.055, 0.2, 0.21, 0.33)
FRAME_S = 1.001 / RATE
"""As long as a frame is shown, and a little more."""


@pytest.fixture
def watch():
    made = []

    def make(clip=None, estimator=None):
        clip, estimator = clip or FakeClip(EVEN), estimator or FakeEstimator()
        watcher = Watcher(clip, estimator)
        made.append((watcher, clip, estimator))
        watcher.player.pause(True)
        watcher.player.start()
        return watcher

    yield make
    for watcher, clip, estimator in made:
        clip.gate.release()
        estimator.gate.release()
        assert watcher.player.close()


def level(result):
    return int(result.frame.image[0, 0, 0])


def small(result):
    return result.frame.image.shape[1] == 160


def wrist(result):
    return result.estimate.hands[0].joints_px[0, 0]


def test_the_first_frame_is_shown_with_its_hands(watch):
    seen = watch()
    seen.until(lambda: seen.complete(0))
    assert wrist(seen.newest) == 100


@pytest.mark.parametrize("times", [EVEN, UNEVEN])
def test_a_frame_is_never_shown_with_the_hands_of_another(watch, times):
    seen = watch(FakeClip(times))
    for index in (5, 1, 2, 3, 0, 4):
        seen.go(index)
    assert all(level(each) == each.frame.index for each in seen.results if not small(each))
    assert all(wrist(each) == 100 + each.frame.index for each in seen.results if not each.pending)


def test_steps_hit_exact_frames_of_a_variable_rate_clip_both_ways(watch):
    seen = watch(FakeClip(UNEVEN))
    for step, index in [(1, 1), (1, 2), (1, 3), (-1, 2), (-1, 1), (1, 2), (1, 3), (1, 4), (1, 5)]:
        seen.player.step(step)
        seen.until(lambda index=index: seen.complete(index))
        assert seen.newest.frame.time_s == UNEVEN[index]
    seen.player.step(1)
    assert seen.player.transport.index == 5


def test_a_scrub_shows_the_newest_frame_at_last_and_never_goes_back(watch):
    clip = FakeClip(EVEN)
    seen = watch(clip)
    seen.until(lambda: seen.complete(0))
    clip.gate.hold()
    for index in range(2, 40):
        seen.player.seek(index)
    clip.gate.release()
    seen.until(lambda: seen.complete(39))
    assert seen.indices == sorted(seen.indices)


def test_a_scrub_does_not_infer_what_was_passed_over(watch):
    estimator = FakeEstimator()
    seen = watch(FakeClip(EVEN), estimator)
    seen.until(lambda: seen.complete(0))
    estimator.gate.hold()
    seen.player.seek(2)
    assert estimator.gate.reached.wait(5)
    for index in range(3, 40):
        seen.player.seek(index)
    seen.until(lambda: not small(seen.newest) and seen.indices[-1] == 39)
    estimator.gate.release()
    seen.until(lambda: seen.complete(39))
    first, _ = estimator.runs
    assert [each for each in first.seen if each != "reset"] == [2, 39]


def test_what_was_seen_is_shown_without_any_work(watch):
    clip, estimator = FakeClip(EVEN), FakeEstimator()
    seen = watch(clip, estimator)
    for index in (3, 30, 17):
        seen.go(index)
    clip.gate.hold()
    estimator.gate.hold()
    for index in (3, 30, 17):
        seen.go(index)


def test_a_thumbnail_stands_in_until_the_frame_is_decoded(watch, monkeypatch):
    monkeypatch.setattr("dfmamba_live.review.player.FRAME_BYTES", 3 * HEIGHT * WIDTH * 3)
    clip = FakeClip(EVEN)
    seen = watch(clip)
    seen.until(lambda: len(seen.player.thumbnails) == 40)
    assert len(seen.player.frames) <= 3
    clip.gate.hold()
    seen.player.seek(20)
    seen.until(lambda: seen.indices[-1] == 20)
    assert small(seen.newest)
    assert level(seen.newest) == 20
    assert seen.newest.pending
    clip.gate.release()
    seen.until(lambda: not small(seen.newest))
    assert level(seen.newest) == 20


def test_playing_keeps_time_however_slow_the_network(watch):
    estimator = FakeEstimator()
    seen = watch(FakeClip(EVEN), estimator)
    seen.until(lambda: seen.complete(0))
    seen.player.set_looping(False)
    seen.player.pause(False)
    for place in range(1, 5):  # each hand takes a quarter of a second
        estimator.gate.hold()
        seen.play_on(FRAME_S, shown=lambda _: estimator.gate.reached.is_set())
        seen.clock.advance(0.25)
        assert seen.player.transport.index == int(RATE * place * (FRAME_S + 0.25))
        estimator.gate.release()
        seen.play_on(0.0)
    assert seen.newest.dropped > 20
    seen.clock.advance(1.0)
    seen.until(lambda: not seen.player.transport.playing)
    seen.until(lambda: seen.complete(39))
    assert seen.indices == sorted(seen.indices)
    with_hands = [not each.pending for each in seen.results if each.frame.index > 0]
    assert all(with_hands[with_hands.index(True) : -2])  # the last one is at rest again


def test_the_clip_plays_at_once_and_the_hands_join_in(watch):
    estimator = FakeEstimator()
    estimator.gate.hold()
    seen = watch(FakeClip(EVEN), estimator)
    seen.player.pause(False)
    for _ in range(8):
        seen.play_on(FRAME_S, shown=lambda index: seen.indices[-1:] == [index])
    assert all(each.pending for each in seen.results)
    estimator.gate.release()
    seen.until(lambda: not seen.newest.pending)
    joined = len(seen.results)
    for _ in range(5):
        seen.play_on(FRAME_S)
    assert not any(each.pending for each in seen.results[joined:])


def test_frames_are_settled_by_one_run_in_order_whichever_way_a_person_went(watch):
    estimators = FakeEstimator(), FakeEstimator()
    for estimator, way in zip(estimators, ((30, 3, 4, 12), (5, 1)), strict=True):
        seen = watch(FakeClip(EVEN), estimator)
        for index in way:
            seen.go(index)
        seen.settle()
    runs = [estimator.runs[1].seen for estimator in estimators]
    assert runs[0] == runs[1] == list(range(40))


def test_a_jump_is_looked_at_afresh_and_a_step_on_is_followed(watch):
    estimator = FakeEstimator()
    seen = watch(FakeClip(EVEN), estimator)
    seen.until(lambda: seen.complete(0))
    for index in (20, 21, 22, 5):
        seen.go(index)
    assert estimator.runs[0].seen == ["reset", 20, 21, 22, "reset", 5]


def test_pictures_of_a_folder_are_each_taken_alone(watch):
    estimator = FakeEstimator()
    seen = watch(FakeClip(range(6), follows=False), estimator)
    for index in (3, 4):
        seen.go(index)
    seen.settle()
    assert sorted(estimator.runs[1].seen) == [f"{i} alone" for i in range(6)]
    assert not estimator.runs[0].seen


def test_a_damaged_frame_is_told_and_the_rest_plays(watch):
    seen = watch(FakeClip(EVEN, broken={7}))
    seen.player.seek(7)
    seen.until(lambda: bool(seen.messages))
    assert seen.messages == ["frame 7 is damaged"]
    seen.go(8)
    seen.clock.advance(1.0)
    seen.until(lambda: seen.player.findings.overview().settled.sum() == 39)


def test_layers_are_traced_while_playing(watch):
    seen = watch(FakeClip(EVEN))
    seen.until(lambda: seen.complete(0))
    seen.settle()
    seen.player.trace(True)
    seen.player.pause(False)
    for _ in range(10):
        seen.play_on(FRAME_S, lambda index: seen.complete(index) and seen.newest.estimate.traced)
    played = [each for each in seen.results if each.frame.index > 1]
    assert len(played) >= 9
    assert all(each.estimate.traced for each in played)


def test_the_frame_at_which_it_is_held_is_shown(watch):
    estimator = FakeEstimator()
    seen = watch(FakeClip(EVEN), estimator)
    seen.until(lambda: seen.complete(0))
    estimator.gate.hold()
    seen.player.pause(False)
    seen.clock.advance(0.45)
    seen.player.pause(True)
    held = seen.player.transport.index
    assert held == 13
    seen.until(lambda: seen.indices[-1] == held)
    estimator.gate.release()
    seen.until(lambda: seen.complete(held))


def test_the_end_is_told_whoever_asks_first(watch):
    seen = watch(FakeClip([0.0, 0.01, 0.02]))
    seen.player.set_looping(False)
    seen.player.pause(False)
    seen.play_on(0.011)
    told = seen.changes
    seen.clock.advance(1.0)
    assert not seen.player.transport.playing
    seen.until(lambda: seen.changes > told)


def test_layers_are_traced_on_request_for_frames_known_before(watch):
    estimator = FakeEstimator()
    seen = watch(FakeClip(EVEN), estimator)
    seen.go(4)
    seen.player.trace(True)
    seen.until(lambda: seen.newest.estimate.traced)
    assert seen.complete(4)
    assert estimator.reader.calls == 1


def test_two_networks_are_compared_on_the_crops_that_are_shown(watch):
    seen = watch()
    seen.go(4)
    seen.player.compare(lambda: FakeReader(shift=0.1))
    seen.until(lambda: seen.newest.difference is not None)
    difference = seen.newest.difference
    assert difference.mm == pytest.approx([0] + [9.23] * 20)
    assert difference.px == pytest.approx([0.1 * np.sqrt(2)] * 21)
    assert difference.frames >= 1
    seen.go(9)
    seen.until(lambda: seen.newest.difference is not None)
    seen.player.compare(None)
    seen.until(lambda: seen.newest.difference is None)


def test_weights_that_cannot_be_loaded_are_told_and_the_rest_goes_on(watch):
    def load():
        raise UserError("there is no weights file x")

    seen = watch()
    seen.player.compare(load)
    seen.until(lambda: bool(seen.messages))
    assert seen.messages == ["there is no weights file x"]
    seen.go(3)


def test_every_clip_it_opened_is_closed():
    clip = FakeClip(EVEN)
    watcher = Watcher(clip, FakeEstimator())
    watcher.player.start()
    watcher.until(lambda: bool(watcher.results))
    assert watcher.player.close()
    assert clip.closed == clip.opened == 3
    assert watcher.player.frames.bytes == 0


def test_frames_that_fail_are_told_once_and_passed_over(watch):
    seen = watch(FakeClip(EVEN), FakeEstimator(fails_at=(3, 4)))
    seen.until(lambda: seen.complete(0))
    seen.clock.advance(1.0)
    seen.until(lambda: len(EVEN) - int(seen.player.findings.overview().seen.sum()) == 2)
    assert len(seen.messages) == 1
    assert seen.messages[0].endswith("goes on: RuntimeError: out of memory")
    seen.go(7)
    assert wrist(seen.newest) == 107


def test_three_frames_that_fail_in_a_row_end_the_review(watch):
    seen = watch(FakeClip(EVEN), FakeEstimator(fails_at=(3, 4, 5)))
    seen.until(lambda: seen.complete(0))
    seen.clock.advance(1.0)
    seen.until(lambda: len(seen.messages) == 2)
    assert "RuntimeError: out of memory; 3 frames failed in a row" in seen.messages[-1]
