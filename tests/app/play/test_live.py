from time import perf_counter, sleep

import pytest
from fake_parts import FakeEstimator, FakeSource, make_frame

from dfmamba.errors import UserError
from dfmamba_live.play.live import Pace, Slot, Worker

pytestmark = pytest.mark.usefixtures("no_thread_left")


@pytest.fixture
def start(qtbot):
    workers = []

    def run(source, estimator):
        worker = Worker(source, estimator)
        worker.results = []
        worker.ready.connect(lambda: worker.results.append(worker.take()))
        workers.append(worker)
        return worker

    yield run
    for worker in workers:
        begin = perf_counter()
        assert worker.stop()
        assert perf_counter() - begin < 1


def test_a_slot_holds_the_newest():
    slot = Slot()
    assert slot.take() is None
    assert slot.put(1)
    assert not slot.put(2)
    assert slot.take() == 2
    assert slot.take() is None


def test_pace_waits_until_a_frame_is_due():
    pace = Pace()
    assert pace.wait_s(7.0) == 0
    assert pace.wait_s(7.5) == pytest.approx(0.5, abs=0.05)
    assert pace.wait_s(9.5) == pytest.approx(2.5, abs=0.05)
    assert pace.wait_s(0.0) == 0  # a loop
    assert pace.wait_s(0.1) == pytest.approx(0.1, abs=0.05)


def test_pace_does_not_race_to_catch_up(monkeypatch):
    clock = iter([100.0, 105.0, 105.0])
    monkeypatch.setattr("dfmamba_live.play.live.perf_counter", lambda: next(clock))
    pace = Pace()
    assert pace.wait_s(0.0) == 0
    assert pace.wait_s(0.1) == 0
    assert pace.wait_s(0.2) == pytest.approx(0.1)


def test_results_come_in_order_until_the_end(start, qtbot):
    worker = start(FakeSource(count=10), FakeEstimator())
    with qtbot.waitSignal(worker.ended):
        worker.start()
    qtbot.waitUntil(lambda: worker.results and worker.results[-1].frame.index == 9)
    indices = [result.frame.index for result in worker.results]
    assert indices == sorted(indices)
    assert all(len(result.estimate.hands) == 1 for result in worker.results)


def test_a_slow_estimator_drops_frames_and_counts_them(start, qtbot):
    worker = start(FakeSource(live=True), FakeEstimator(seconds=0.1))
    worker.start()
    qtbot.waitUntil(lambda: len(worker.results) >= 4)
    last = worker.results[-1]
    seen = len(worker.results)
    assert 5 <= last.dropped <= last.frame.index + 1
    assert last.frame.index >= 2 * seen
    assert perf_counter() - last.frame.captured < 0.4


def test_a_file_plays_at_its_own_speed(start, qtbot):
    worker = start(FakeSource(count=31), FakeEstimator())
    begin = perf_counter()
    with qtbot.waitSignal(worker.ended):
        worker.start()
    assert perf_counter() - begin == pytest.approx(0.5, abs=0.2)


def test_pause_holds_and_goes_on(start, qtbot):
    worker = start(FakeSource(), FakeEstimator())
    worker.start()
    qtbot.waitUntil(lambda: len(worker.results) > 2)
    worker.pause(True)
    qtbot.wait(100)
    held = len(worker.results)
    qtbot.wait(200)
    assert len(worker.results) == held
    worker.pause(False)
    qtbot.waitUntil(lambda: len(worker.results) > held + 2)


def test_a_frame_is_estimated_again_for_its_traces(start, qtbot):
    worker = start(FakeSource(), FakeEstimator())
    worker.pause(True)
    worker.start()
    worker.tracing = True
    worker.again(make_frame())
    qtbot.waitUntil(lambda: bool(worker.results))
    assert worker.results[0].estimate.traced


@pytest.mark.parametrize(
    ("source_error", "estimator_error", "said"),
    [
        (UserError("the camera has gone; plug it in again"), None, "the camera has gone"),
        (OSError("bus"), None, "the source stopped: OSError: bus"),
        (None, ValueError("shape"), "the hand estimation stopped: ValueError: shape"),
    ],
)
def test_errors_become_a_line(start, qtbot, source_error, estimator_error, said):
    source = FakeSource(count=3 if source_error else None, error=source_error)
    worker = start(source, FakeEstimator(error=estimator_error))
    with qtbot.waitSignal(worker.failed) as failed:
        worker.start()
    assert failed.args[0].startswith(said)


def test_estimation_goes_on_with_the_next_frame(start, qtbot):
    class Stumbling(FakeEstimator):
        def __call__(self, frame):
            estimate = super().__call__(frame)
            if len(self.seen) in (2, 3):
                raise MemoryError
            return estimate

    estimator = Stumbling()
    worker = start(FakeSource(), estimator)
    told, failed = [], []
    worker.told.connect(told.append)
    worker.failed.connect(failed.append)
    worker.start()
    qtbot.waitUntil(lambda: len(worker.results) >= 4)
    assert estimator.resets == 2
    qtbot.waitUntil(lambda: bool(told))
    assert [each.partition("goes on: ")[2] for each in told] == ["MemoryError"]
    assert not failed


def test_a_source_that_hangs_does_not_hold_the_program(qtbot):
    class Hanging(FakeSource):
        def read(self):
            sleep(1.5)

    worker = Worker(Hanging(), FakeEstimator())
    worker.start()
    begin = perf_counter()
    assert not worker.stop()
    assert perf_counter() - begin < 1
    sleep(1)  # until the thread is over, for the check that none is left
