from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfmamba_live.review.playhead import SPEEDS, Playhead

UNEVEN = (0.0, 0.04, 0.055, 0.2, 0.21, 0.33)  # the last one lasts as long as the mean: 0.066 s


def played(head, now, seconds, tick=0.001):
    """The frames that are due one after another while the clock runs."""
    indices = []
    for step in range(round(seconds / tick)):
        index = head.index(now + step * tick)
        if not indices or indices[-1] != index:
            indices.append(index)
    return indices


def test_each_frame_is_due_at_its_own_time():
    head = Playhead(UNEVEN)
    head.play(10.0)
    for index, time_s in enumerate(UNEVEN):
        assert head.index(10 + time_s + 0.0005) == index
    assert head.index(10.3965) == 0  # from the start again


@pytest.mark.parametrize("speed", SPEEDS)
def test_speed_is_a_factor_on_time(speed):
    head = Playhead([i / 10 for i in range(100)])
    head.set_speed(speed, 0.0)
    head.play(0.0)
    assert head.wait_s(0.0) == pytest.approx(0.1 / speed)
    assert head.index(2.01) == int(20.1 * speed)


def test_another_speed_counts_from_now_on():
    head = Playhead([i / 10 for i in range(100)])
    head.play(0.0)
    head.set_speed(4.0, 1.05)
    assert head.index(1.05) == 10
    assert head.index(2.06) == 50


@given(st.lists(st.integers(1, 400), max_size=30), st.lists(st.sampled_from([-1, 1]), max_size=40))
def test_steps_hit_every_frame_both_ways(gaps_ms, steps):
    times = [sum(gaps_ms[:i]) / 1000 for i in range(len(gaps_ms) + 1)]
    head, now, expected = Playhead(times), 0.0, 0
    for step in steps:
        now += 0.7
        head.step(step, now)
        expected = min(max(expected + step, 0), len(times) - 1)
        assert head.index(now + 0.5) == expected
        assert head.wait_s(now) == inf


def test_a_step_while_playing_stops_beside_the_frame_that_is_due():
    head = Playhead(UNEVEN)
    head.play(0.0)
    head.step(1, 0.06)
    assert (head.index(5.0), head.playing) == (3, False)


def test_play_goes_on_with_the_frame_it_paused_on():
    head = Playhead(UNEVEN)
    head.play(0.0)
    head.pause(0.205)
    assert head.index(100.0) == 3
    head.play(100.0)
    assert head.index(100.005) == 3
    assert head.index(100.011) == 4


def test_a_seek_while_playing_plays_on_from_there():
    head = Playhead(UNEVEN)
    head.play(0.0)
    head.seek(4, 0.01)
    assert played(head, 0.01, 0.2) == [4, 5, 0]


def test_an_a_b_loop_repeats_whole_frames_from_a_to_b():
    head = Playhead(UNEVEN)
    head.set_a(1)
    head.set_b(3)
    head.seek(1, 0.0)
    head.play(0.0)
    assert played(head, 0.0, 0.505) == [1, 2, 3] * 3
    head.clear_loop()
    assert played(head, 0.505, 0.1)[-1] == 4


def test_without_looping_it_plays_past_b_and_stops_at_the_end():
    head = Playhead(UNEVEN)
    head.set_a(1)
    head.set_b(3)
    head.set_looping(False, 0.0)
    head.play(0.0)
    assert played(head, 0.0, 1.0) == [0, 1, 2, 3, 4, 5]
    assert not head.playing
    head.play(1.0)
    assert head.index(1.001) == 0


def test_beyond_b_it_plays_to_the_end_and_then_from_a():
    head = Playhead(UNEVEN)
    head.set_a(1)
    head.set_b(3)
    head.seek(4, 0.0)
    head.play(0.0)
    assert played(head, 0.0, 0.365) == [4, 5, 1, 2, 3, 1]


def test_a_after_b_forgets_b_and_the_other_way_round():
    head = Playhead(UNEVEN)
    head.set_b(2)
    head.set_a(4)
    assert (head.a, head.b) == (4, None)
    head.set_b(3)
    assert (head.a, head.b) == (None, 3)


def test_setting_an_end_of_the_loop_turns_looping_on():
    head = Playhead(UNEVEN)
    head.set_looping(False, 0.0)
    head.set_a(1)
    assert head.looping


def test_one_picture_stays():
    head = Playhead([0.0])
    head.play(0.0)
    assert played(head, 0.0, 3.0, tick=0.1) == [0]


@given(st.floats(0, 1e4), st.integers(0, 5), st.integers(0, 5), st.sampled_from(SPEEDS))
def test_the_index_is_always_one_of_the_clip(elapsed, a, b, speed):
    head = Playhead(UNEVEN)
    head.set_a(a)
    head.set_b(b)
    head.set_speed(speed, 0.0)
    head.play(0.0)
    assert 0 <= head.index(elapsed) <= 5
    assert head.wait_s(elapsed) <= 0.4 / speed
