from pathlib import Path
from time import perf_counter

import pytest
from fake_parts import FakeEstimator, FakeSource
from manual_clock import ManualClock

from dfmamba.errors import UserError
from dfmamba_live.play.session import Session
from dfmamba_live.sources import SourceAway

pytestmark = pytest.mark.usefixtures("no_thread_left")


@pytest.fixture
def play(qtbot):
    sessions = []

    def start(source, estimator=None, clock=perf_counter):
        session = Session(source, estimator or FakeEstimator(), clock)
        session.results = []
        session.result.connect(session.results.append)
        sessions.append(session)
        return session

    yield start
    for session in sessions:
        session.close()
        assert session.source.closed


def test_results_come_until_the_source_ends(play, qtbot):
    session = play(FakeSource(count=3))
    with qtbot.waitSignal(session.ended):
        session.start()
    qtbot.waitUntil(lambda: session.latest is not None and session.latest.frame.index == 2)
    assert session.results[-1] is session.latest


def test_an_error_is_kept(play, qtbot):
    session = play(FakeSource(count=0, error=UserError("it broke; mend it")))
    with qtbot.waitSignal(session.failed) as failed:
        session.start()
    assert failed.args == ["it broke; mend it"]
    assert session.failure == "it broke; mend it"


def test_another_source_takes_over(play, qtbot, monkeypatch):
    first, other, estimator = FakeSource(), FakeSource(), FakeEstimator()
    monkeypatch.setattr("dfmamba_live.play.session.open_choice", lambda _: other)
    session = play(first, estimator)
    session.start()
    with qtbot.waitSignal(session.opened) as opened:
        assert session.open_path(Path("other.mp4"))
    assert opened.args == [other]
    assert first.closed
    assert estimator.resets == 1
    qtbot.waitUntil(lambda: session.latest is not None)


def test_what_cannot_be_opened_leaves_all_as_it_is(play, qtbot, tmp_path):
    session = play(FakeSource())
    session.start()
    with qtbot.waitSignal(session.refused) as refused:
        assert not session.open_path(tmp_path / "none.mp4")
    assert "none.mp4" in refused.args[0]
    count = len(session.results)
    qtbot.waitUntil(lambda: len(session.results) > count)


def test_a_held_frame_is_looked_at_again_for_its_traces(play, qtbot):
    session = play(FakeSource(), clock=ManualClock())
    session.start()
    qtbot.waitUntil(lambda: bool(session.results))
    session.pause(True)
    frame = session.latest.frame
    session.trace(True)
    qtbot.waitUntil(lambda: session.latest.estimate.traced)
    assert session.latest.frame is frame


class Unplugged(FakeSource):
    """Away for its second and third read."""

    reads = 0

    def read(self):
        self.reads += 1
        if self.reads in (2, 3):
            raise SourceAway("the camera is not plugged in; plug it in to go on")
        return super().read()


def test_a_source_that_is_away_is_told_once_and_comes_back(play, qtbot):
    session = play(Unplugged(live=True))
    told = []
    session.away.connect(told.append)
    session.start()
    qtbot.waitUntil(lambda: len(session.results) > 2)
    assert told == ["the camera is not plugged in; plug it in to go on", ""]
