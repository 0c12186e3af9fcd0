import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from painted import paint

from dfmamba_live.views.scan.sweep import TRAIL, Sweep, interval_ms, paint_sweep


@given(st.permutations(range(12)))
def test_one_sweep_visits_each_token_once_in_order(order):
    sweep, visited = Sweep(), []
    for _ in order:
        visited.append(int(sweep.trail(np.array(order))[-1]))
        sweep.advance()
    assert visited == list(order)
    assert sweep.trail(np.array(order)).tolist() == order[:1]  # and starts again


def test_a_trail_follows_but_not_from_one_sweep_to_the_next():
    sweep, order = Sweep(), np.arange(64)
    for _ in range(30):
        sweep.advance()
    assert sweep.trail(order).tolist() == list(range(31 - TRAIL, 31))
    for _ in range(36):
        sweep.advance()
    assert sweep.trail(order).tolist() == [0, 1, 2]


def test_a_sweep_takes_as_long_over_few_tokens_as_over_many():
    assert 64 * interval_ms(64) == 16 * interval_ms(16)


def test_the_newest_token_is_brightest(qapp):
    square = np.array([[0.0, 0], [10, 0], [10, 10], [0, 10]])
    squares = square + 10 * np.array([[[column, 0]] for column in range(5)])
    light = paint(60, 20, lambda painter: paint_sweep(painter, squares))[5, 5::10].sum(axis=-1)
    assert (np.diff(light[:5]) > 0).all()
    assert light[5] == 0
