import numpy as np
import pytest
from scene_parts import make_view

from dfmamba_live.views.scene.content import RenderError
from dfmamba_live.views.scene.fallback import FIRST_PAUSE_S, FallbackRenderer
from dfmamba_live.views.scene.orbit import Orbit

VIEW = make_view(Orbit())


class Part:
    def __init__(self, name, ready=True):
        self.name, self.ready = name, ready
        self.error, self.closed = None, False

    def render(self, view):
        if self.error:
            raise RenderError(self.error)
        return np.zeros((view.height, view.width, 3), np.uint8)

    def close(self):
        self.closed = True


class Parts:
    """A good renderer, made anew when it has failed, before a plain one; and a clock."""

    def __init__(self, **good):
        self.lines, self.now, self.made = [], 0.0, []
        self.plain = Part("plain")
        self._good = good
        self.both = FallbackRenderer(
            (self._make, lambda: self.plain), self.lines.append, lambda: self.now
        )

    def _make(self):
        self.made.append(Part("good", **self._good))
        return self.made[-1]

    def drawn_by(self):
        self.both.render(VIEW)
        return self.both.name


def test_the_plain_one_draws_until_the_good_one_is_ready():
    parts = Parts(ready=False)
    assert parts.both.ready
    assert not parts.both.improved or parts.both.name == ""
    assert parts.drawn_by() == "plain"
    assert not parts.both.improved
    parts.made[0].ready = True
    assert parts.both.improved
    assert parts.drawn_by() == "good"
    assert not parts.both.improved
    assert parts.lines == []


def test_one_that_drew_and_failed_comes_back():
    parts = Parts()
    assert parts.drawn_by() == "good"
    parts.made[0].error = "it hangs"
    assert parts.drawn_by() == "plain"
    assert parts.made[0].closed
    assert parts.lines == ["it hangs; the 3D view is drawn by plain until good is back"]
    assert parts.drawn_by() == "plain"
    parts.now += FIRST_PAUSE_S
    assert parts.drawn_by() == "good"
    assert len(parts.made) == 2
    assert parts.lines[1:] == ["good draws the 3D view again"]


def test_one_that_keeps_failing_is_started_less_and_less_often():
    parts = Parts()
    starts = []
    for _ in range(4):
        parts.drawn_by()
        parts.made[-1].error = "it hangs"
        parts.drawn_by()
        before, count = parts.now, len(parts.made)
        while len(parts.made) == count:
            parts.now += FIRST_PAUSE_S / 2
            parts.drawn_by()
        starts.append(parts.now - before)
    assert starts == [FIRST_PAUSE_S * 2**step for step in range(4)]


def test_one_that_never_drew_is_not_started_again():
    parts = Parts()
    parts.made[0].error = "no OpenGL"
    assert parts.drawn_by() == "plain"
    parts.now += 1e6
    assert parts.drawn_by() == "plain"
    assert len(parts.made) == 1
    assert parts.lines == ["no OpenGL; the 3D view is drawn by plain instead of good"]


def test_where_none_draws_that_is_an_error():
    parts = Parts()
    parts.made[0].error = parts.plain.error = "broken"
    with pytest.raises(RenderError, match="nothing draws"):
        parts.both.render(VIEW)


def test_closed_it_says_nothing_and_starts_nothing():
    parts = Parts()
    parts.drawn_by()
    parts.both.close()
    assert parts.made[0].closed
    assert parts.plain.closed
    parts.made[0].error = "its process has ended"
    with pytest.raises(RenderError, match="has ended"):
        parts.both.render(VIEW)
    assert parts.lines == []
    assert len(parts.made) == 1
