import threading
from threading import Event

import pytest
from spot import SpotNetwork, ToldDetector, detection, joints_at, picture

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba.pipeline import HandEstimator
from dfmamba.pipeline.search import LATE_S, BackgroundSearch
from dfmamba.pipeline.tracker import Tracker

SOON_S = 10
"""How long a test waits for another thread before it fails."""


class HeldDetector(ToldDetector):
    """Answers only once it is let go."""

    def __init__(self, *seen, error=None):
        super().__init__(*seen)
        self.go, self.began = Event(), Event()
        self._error = error

    def __call__(self, image):
        self.began.set()
        assert self.go.wait(SOON_S)
        if self._error:
            raise self._error
        return super().__call__(image)


@pytest.fixture
def held():
    detector = HeldDetector(detection(150, 110))
    yield detector
    detector.go.set()


def finished(search):
    search._asked[1].exception(SOON_S)
    return search


def test_asking_does_not_wait_and_one_frame_is_looked_at_at_a_time(held):
    search = BackgroundSearch(held)
    assert search.ask(picture(), 0.0, Tracker(2))
    assert not search.ask(picture(), 0.1, Tracker(2))
    assert search.answer(0.1) is None
    held.go.set()
    (found,) = finished(search).answer(0.2)
    assert found.joints_px.tolist() == joints_at(150, 110).tolist()
    assert search.answer(0.2) is None
    assert held.calls == 1
    search.close()


def test_a_late_answer_is_dropped(held):
    search = BackgroundSearch(held)
    search.ask(picture(), 0.0, Tracker(2))
    held.go.set()
    assert finished(search).answer(LATE_S + 0.01) is None
    assert search.ask(picture(), 1.0, Tracker(2))
    search.close()


def test_the_answer_of_another_clip_is_dropped(held):
    search = BackgroundSearch(held)
    search.ask(picture(), 0.0, Tracker(2))
    search.forget()
    held.go.set()
    assert search.answer(0.0) is None
    search.close()


def test_frames_of_other_clips_that_wait_are_not_looked_at(held):
    search = BackgroundSearch(held)
    for _ in range(5):
        assert search.ask(picture(), 0.0, Tracker(2))
        assert held.began.wait(SOON_S)
        search.forget()
    search.ask(picture(), 0.0, Tracker(2))
    held.go.set()
    finished(search)
    assert held.calls == 2
    search.close()


def test_what_the_detector_raises_reaches_the_caller():
    held = HeldDetector(error=UserError("the models are gone"))
    search = BackgroundSearch(held)
    search.ask(picture(), 0.0, Tracker(2))
    held.go.set()
    with pytest.raises(UserError, match="the models are gone"):
        finished(search).answer(0.0)
    search.close()


def test_close_ends_the_thread(held):
    search = BackgroundSearch(held)
    search.ask(picture(), 0.0, Tracker(2))
    assert held.began.wait(SOON_S)
    held.go.set()
    search.close()
    assert held.closed
    assert not any(each.name.startswith("search") for each in threading.enumerate())


def test_the_estimator_goes_on_while_the_detector_looks(held):
    find = HandEstimator(SpotNetwork(), detector=held, background=True)
    first = find(Frame(picture((150, 110)), 0.0))
    assert first.detected
    assert first.hands == ()
    second = find(Frame(picture((150, 110)), 0.03))
    assert not second.detected
    held.go.set()
    finished(find._search)
    (hand,) = find(Frame(picture((152, 110)), 0.06)).hands
    assert abs(hand.joints_px - joints_at(152, 110)).max() < 2.0
    find.close()


def test_a_stale_find_of_a_moving_hand_makes_no_second_hand(held):
    find = HandEstimator(SpotNetwork(), detector=held, background=True, smooth=False)
    held.go.set()
    counts = []
    for index in range(12):  # the detector goes on telling where the hand was at first
        counts.append(len(find(Frame(picture((150 + 6 * index, 110)), index / 30)).hands))
        if find._search._asked:
            finished(find._search)
    assert max(counts) == 1
    assert counts[2:] == [1] * 10
    find.close()
