from dfmamba.temporal.plot import jitter_lag_plot
from dfmamba.temporal.sweep import Jitter, Setting, Tried


def tried(cutoff, beta, lag_ms, jitter_px):
    rest = Jitter(jitter_px, 0.0, 0.0)
    return Tried(Setting(cutoff, beta), rest, lag_ms, slow_ms=0.0, error_px=0.0)


def test_each_beta_is_a_line_and_what_is_in_use_is_ringed():
    nothing = Tried(None, Jitter(0.9, 0.0, 0.0), 0.0, 0.0, 0.0)
    every = [tried(2, 1, 9, 0.4), tried(1, 8, 12, 0.3), nothing, tried(0.5, 1, 30, 0.1)]
    (axes,) = jitter_lag_plot(every, {"in use": Setting(1, 8)}).axes
    one, eight, ring = (line.get_xydata().tolist() for line in axes.lines)
    assert one == [[30, 0.1], [9, 0.4]]
    assert eight == ring == [[12, 0.3]]
    assert [text.get_text() for text in axes.texts] == ["in use: 1 Hz, beta 8"]
