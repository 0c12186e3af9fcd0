from pathlib import Path
from time import perf_counter, sleep

import pytest
from fake_clip import FakeClip, FakeEstimator

from dfmamba_live.play.clip import Reviewer

pytestmark = pytest.mark.usefixtures("no_thread_left")

CLIP = Path("clip.mp4")


@pytest.fixture
def review(qtbot, monkeypatch):
    reviewers = []

    def make(open_frames):
        monkeypatch.setattr("dfmamba_live.play.clip.open_frames", open_frames)
        reviewers.append(Reviewer(CLIP, FakeEstimator()))
        return reviewers[-1]

    yield make
    for reviewer in reviewers:
        begin = perf_counter()
        assert reviewer.stop()
        assert perf_counter() - begin < 1


def test_a_slow_file_holds_up_nobody_and_can_be_left(review, qtbot):
    clip = FakeClip([0.0, 0.1])

    def slowly(_):
        sleep(0.3)
        return clip.open()

    reviewer = review(slowly)
    begin = perf_counter()
    reviewer.start()
    assert perf_counter() - begin < 0.1
    assert reviewer.stop()
    assert reviewer.player is None
    assert clip.closed == clip.opened


def test_what_was_set_before_it_opened_holds(review, qtbot):
    clip = FakeClip([i / 25 for i in range(20)])
    reviewer = review(lambda _: clip.open())
    reviewer.pause(True)
    reviewer.tracing = True
    results = []
    reviewer.ready.connect(lambda: results.extend(filter(None, [reviewer.take()])))
    with qtbot.waitSignal(reviewer.opened):
        reviewer.start()
    qtbot.waitUntil(lambda: bool(results) and not results[-1].pending)
    assert results[-1].frame.index == 0
    assert results[-1].estimate.traced
    assert not reviewer.player.transport.playing


def test_whatever_goes_wrong_while_it_opens_is_told(review, qtbot):
    def fail(_):
        raise ValueError("out of range")

    reviewer = review(fail)
    with qtbot.waitSignal(reviewer.unfit) as unfit:
        reviewer.start()
    assert unfit.args == ["clip.mp4: ValueError: out of range"]
