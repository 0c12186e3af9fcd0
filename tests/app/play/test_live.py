from threading import Event

import pytest
from fake_parts import FakeEstimator, FakeSource, make_frame
from manual_clock import Gate, ManualClock

from dfmamba.errors import UserError
from dfmamba_live.play.live import LivePlaying, Pace

pytestmark = pytest.mark.usefixtures("no_thread_left")


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def start(qtbot, clock):
    made = []

    def run(source, estimator):
        playing = LivePlaying(source, estimator, clock)
        playing.results = []
        playing.ready.connect(lambda: playing.results.append(playing.take()))
        made.append(playing)
        return playing

    yield run
    for playing in made:
        assert playing.stop()


class HeldEstimator(FakeEstimator):
    """Waits at a gate before each frame."""

    def __init__(self):
        super().__init__()
        self.gate = Gate()

    def __call__(self, frame):
        self.gate.pass_through()
        return super().__call__(frame)


def newest(playing):
    return playing.results[-1].frame.index if playing.results else None


def test_pace_waits_until_a_frame_is_due(clock):
    pace = Pace(clock)
    assert pace.wait_s(7.0) == 0
    assert pace.wait_s(7.5) == pytest.approx(0.5)
    clock.advance(0.2)
    assert pace.wait_s(7.5) == pytest.approx(0.3)
    assert pace.wait_s(9.5) == pytest.approx(2.3)
    assert pace.wait_s(0.0) == 0  # a loop
    assert pace.wait_s(0.1) == pytest.approx(0.1)


def test_pace_does_not_race_to_catch_up(clock):
    pace = Pace(clock)
    assert pace.wait_s(0.0) == 0
    clock.advance(5.0)
    assert pace.wait_s(0.1) == 0
    assert pace.wait_s(0.2) == pytest.approx(0.1)


def test_results_come_in_order_until_the_end(start, clock, qtbot):
    playing = start(FakeSource(count=10), FakeEstimator())
    ended = []
    playing.ended.connect(lambda: ended.append(True))
    playing.start()
    qtbot.waitUntil(lambda: clock.advance(0.05) or bool(ended))
    qtbot.waitUntil(lambda: newest(playing) == 9)
    indices = [result.frame.index for result in playing.results]
    assert indices == sorted(indices)
    assert all(len(result.estimate.hands) == 1 for result in playing.results)


def test_a_slow_estimator_drops_frames_and_counts_them(start, qtbot):
    source, estimator = FakeSource(live=True), HeldEstimator()
    estimator.gate.hold()
    playing = start(source, estimator)
    playing.start()
    qtbot.waitUntil(lambda: source.index >= 12)
    estimator.gate.release()
    qtbot.waitUntil(lambda: (newest(playing) or 0) >= 10)
    last = playing.results[-1]
    taken = estimator.seen.index(last.frame) + 1
    assert last.dropped == last.frame.index + 1 - taken >= 8


def test_a_file_plays_at_its_own_speed(start, clock, qtbot):
    source = FakeSource(count=31)
    playing = start(source, FakeEstimator())
    playing.start()
    for due in (0, 5, 12, 20):
        clock.advance(due / source.rate + 0.001 - (clock() - 1000.0))
        qtbot.waitUntil(lambda due=due: newest(playing) == due)
        assert source.index <= due + 1  # the next one waits for its time


def test_pause_holds_and_goes_on(start, clock, qtbot):
    source = FakeSource()
    playing = start(source, FakeEstimator())
    playing.start()
    qtbot.waitUntil(lambda: newest(playing) == 0 and source.index == 1)
    playing.pause(True)
    clock.advance(9.0)  # frame 1 was on its way
    qtbot.waitUntil(lambda: newest(playing) == 1)
    assert source.index == 1
    playing.pause(False)
    qtbot.waitUntil(lambda: newest(playing) == 2)
    clock.advance(0.1)
    qtbot.waitUntil(lambda: newest(playing) > 2)


def test_a_frame_is_estimated_again_for_its_traces(start, qtbot):
    playing = start(FakeSource(), FakeEstimator())
    playing.pause(True)
    playing.start()
    playing.tracing = True
    playing.again(make_frame())
    qtbot.waitUntil(lambda: bool(playing.results))
    assert playing.results[0].estimate.traced


@pytest.mark.parametrize(
    ("source_error", "estimator_error", "said"),
    [
        (UserError("the camera has gone; plug it in again"), None, "the camera has gone"),
        (OSError("bus"), None, "the source stopped: OSError: bus"),
        (None, ValueError("shape"), "the hand estimation stopped: ValueError: shape"),
    ],
)
def test_errors_become_a_line(start, clock, qtbot, source_error, estimator_error, said):
    source = FakeSource(count=3 if source_error else None, error=source_error)
    playing = start(source, FakeEstimator(error=estimator_error))
    told = []
    playing.failed.connect(told.append)
    playing.start()
    qtbot.waitUntil(lambda: clock.advance(0.05) or bool(told))
    assert told[0].startswith(said)


def test_estimation_goes_on_with_the_next_frame(start, clock, qtbot):
    class Stumbling(FakeEstimator):
        def __call__(self, frame):
            estimate = super().__call__(frame)
            if len(self.seen) in (2, 3):
                raise MemoryError
            return estimate

    estimator = Stumbling()
    playing = start(FakeSource(), estimator)
    told, failed = [], []
    playing.told.connect(told.append)
    playing.failed.connect(failed.append)
    playing.start()
    qtbot.waitUntil(lambda: clock.advance(0.01) or len(playing.results) >= 4)
    assert estimator.resets == 2
    qtbot.waitUntil(lambda: bool(told))
    assert [each.partition("goes on: ")[2] for each in told] == ["MemoryError"]
    assert not failed


def test_a_source_that_hangs_does_not_hold_the_program(qtbot, monkeypatch):
    monkeypatch.setattr("dfmamba_live.threads.JOIN_S", 0.05)
    hangs = Event()

    class Hanging(FakeSource):
        def read(self):
            assert hangs.wait(10)

    playing = LivePlaying(Hanging(), FakeEstimator())
    playing.start()
    assert not playing.stop()
    hangs.set()
