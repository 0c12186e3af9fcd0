from pathlib import Path

import pytest
from fake_clip import FakeClip, FakeEstimator
from manual_clock import Gate

from dfmamba_live.play.clip import ClipPlaying

pytestmark = pytest.mark.usefixtures("no_thread_left")

CLIP = Path("clip.mp4")


@pytest.fixture
def review(qtbot, monkeypatch):
    made = []

    def make(open_frames):
        monkeypatch.setattr("dfmamba_live.play.clip.open_frames", open_frames)
        made.append(ClipPlaying(CLIP, FakeEstimator()))
        return made[-1]

    yield make
    for clip in made:
        assert clip.stop()


def test_a_slow_file_holds_up_nobody_and_can_be_left(review):
    clip, gate = FakeClip([0.0, 0.1]), Gate()
    gate.hold()

    def slowly(_):
        gate.pass_through()
        return clip.open()

    playing = review(slowly)
    playing.start()  # it would wait here for the gate
    assert gate.reached.wait(5)
    playing.pause(True)
    assert playing.take() is None
    gate.release()
    assert playing.stop()
    assert playing.player is None
    assert clip.closed == clip.opened


def test_what_was_set_before_it_opened_holds(review, qtbot):
    clip = FakeClip([i / 25 for i in range(20)])
    playing = review(lambda _: clip.open())
    playing.pause(True)
    playing.tracing = True
    results = []
    playing.ready.connect(lambda: results.extend(filter(None, [playing.take()])))
    with qtbot.waitSignal(playing.opened):
        playing.start()
    qtbot.waitUntil(lambda: bool(results) and not results[-1].pending)
    assert results[-1].frame.index == 0
    assert results[-1].estimate.traced
    assert not playing.player.transport.playing


def test_whatever_goes_wrong_while_it_opens_is_told(review, qtbot):
    def fail(_):
        raise ValueError("out of range")

    playing = review(fail)
    with qtbot.waitSignal(playing.unfit) as unfit:
        playing.start()
    assert unfit.args == ["clip.mp4: ValueError: out of range"]
