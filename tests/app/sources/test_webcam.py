import logging
from itertools import pairwise
from threading import Event, Semaphore
from time import perf_counter, sleep

import cv2
import numpy as np
import pytest

from dfmamba.errors import UserError
from dfmamba_live.sources import Camera, Mode, SourceAway
from dfmamba_live.sources.webcam import Webcam


class FakeCapture:
    """A camera whose frame i is of level i; it waits for `allowed`, and fails after `count`."""

    def __init__(self, count=1000, allowed=None, opened=True, size=(64, 48)):
        self.count, self.allowed, self.opened, self.size = count, allowed, opened, size
        self.reads, self.asked, self.stamp = 0, {}, lambda: 0.0
        self.released = Event()

    def __call__(self, index):
        self.number = index
        return self

    def isOpened(self):  # noqa: N802
        return self.opened

    def set(self, what, value):
        self.asked[what] = value

    def get(self, what):
        if what == cv2.CAP_PROP_POS_MSEC:
            return self.stamp()
        return 15.0

    def grab(self):
        if self.allowed:
            self.allowed.acquire(timeout=3)
        else:
            sleep(0.002)
        return self.reads < self.count

    def retrieve(self):
        width, height = self.size
        image = np.full((height, width, 3), [0, 0, self.reads % 256], np.uint8)
        self.reads += 1
        return True, image

    def release(self):
        self.released.set()


@pytest.fixture
def start():
    cameras = []

    def make(capture, camera=Camera(3), **given):  # noqa: B008 (frozen)
        cameras.append(Webcam(camera, retry_s=0.05, open_capture=capture, **given))
        return cameras[-1]

    yield make
    for each in cameras:
        each.close()


def read_through(camera):
    """The next frame, however often the camera is said to be away before."""
    deadline = perf_counter() + 5
    while perf_counter() < deadline:
        try:
            return camera.read()
        except SourceAway:
            pass
    raise AssertionError("no frame came")


def test_frames_come_in_order_and_rgb(start):
    capture = FakeCapture()
    camera = start(capture)
    found = [camera.read() for _ in range(4)]
    camera.close()
    assert (camera.name, camera.kind, camera.live, camera.rate) == ("camera 3", "camera", True, 15)
    assert capture.number == 3
    assert (found[0].image[0, 0] == [found[0].index, 0, 0]).all()
    assert all(b.index > a.index and b.time_s > a.time_s for a, b in pairwise(found))
    assert camera.read() is None
    assert capture.released.wait(1)


def test_only_the_newest_frame_is_kept(start):
    allowed = Semaphore(5)
    capture = FakeCapture(allowed=allowed)
    camera = start(capture)
    while capture.reads < 5:
        sleep(0.001)
    sleep(0.02)
    assert camera.read().index == 4
    allowed.release(100)


def test_missing_camera(start):
    capture = FakeCapture(opened=False)
    with pytest.raises(UserError, match="camera 3 cannot be opened"):
        start(capture)
    assert capture.released.is_set()


def test_real_missing_camera_is_told_without_noise(capfd):
    with pytest.raises(UserError, match="camera 63 cannot be opened"):
        Webcam(Camera(63))
    assert capfd.readouterr() == ("", "")


def test_a_named_camera_that_is_nowhere(start, monkeypatch):
    monkeypatch.setattr("dfmamba_live.sources.devices.cameras", lambda: [Camera(3, "Another")])
    with pytest.raises(UserError, match=r"Stick \(camera 3\) is not plugged in"):
        start(FakeCapture(), Camera(3, "Stick"))


def test_camera_that_hangs_while_opening(start):
    leave = Event()

    def hang(index):
        leave.wait(10)
        return FakeCapture(opened=False)

    begin = perf_counter()
    with pytest.raises(UserError, match=r"camera 3 sent no picture for 0\.1 s"):
        start(hang, timeout_s=0.1)
    assert perf_counter() - begin < 3
    leave.set()


def test_camera_that_opencv_fails_on(start):
    def fail(index):
        raise cv2.error("no")

    with pytest.raises(UserError, match="camera 3 broke down"):
        start(fail)


def test_a_camera_may_start_in_its_own_time(start):
    allowed = Semaphore(0)
    camera = start(FakeCapture(allowed=allowed), wait=False)
    with pytest.raises(SourceAway, match="camera 3 is starting"):
        camera.read()
    allowed.release(1)
    assert camera.read().index == 0
    allowed.release(100)


def test_a_camera_that_hangs_for_a_while(start):
    allowed = Semaphore(1)
    camera = start(FakeCapture(allowed=allowed), quiet_s=0.1)
    assert camera.read().index == 0
    with pytest.raises(SourceAway, match="sends no picture"):
        camera.read()
    allowed.release(1)
    assert read_through(camera).index == 1
    allowed.release(100)


def test_an_unplugged_camera_goes_on_once_it_is_back(start, monkeypatch):
    there = [Camera(3, "Stick")]
    monkeypatch.setattr("dfmamba_live.sources.devices.cameras", lambda: there)
    captures = [FakeCapture(count=1), FakeCapture()]
    opened = []

    def open_capture(index):
        opened.append(index)
        return captures[len(opened) - 1]

    camera = start(open_capture, Camera(3, "Stick"))
    first = camera.read()
    there.clear()
    with pytest.raises(SourceAway, match=r"Stick \(camera 3\) stopped sending pictures"):
        camera.read()
    with pytest.raises(SourceAway, match="is not plugged in; plug it in to go on"):
        camera.read()
    assert captures[0].released.is_set()
    there.append(Camera(5, "Stick"))  # another number than before
    again = read_through(camera)
    assert opened == [3, 5]
    assert again.index > first.index
    assert again.time_s > first.time_s


def test_closing_does_not_wait_for_a_camera_that_is_away(start):
    camera = start(FakeCapture(count=1))
    camera.read()
    with pytest.raises(SourceAway):
        camera.read()
    begin = perf_counter()
    camera.close()
    assert perf_counter() - begin < 0.5
    assert camera.read() is None


def test_a_mode_is_asked_for_and_what_comes_instead_is_told(start, caplog):
    capture = FakeCapture(size=(64, 48))
    with caplog.at_level(logging.WARNING):
        start(capture, mode=Mode((1280, 720), 30)).read()
    asked = capture.asked
    size = asked[cv2.CAP_PROP_FRAME_WIDTH], asked[cv2.CAP_PROP_FRAME_HEIGHT]
    assert size == (1280, 720)
    assert asked[cv2.CAP_PROP_FPS] == 30
    assert "camera 3 gives 64 × 48, 15 fps, not 1280 × 720, 30 fps" in caplog.text


def test_a_mode_that_comes_as_asked_is_not_spoken_of(start, caplog):
    with caplog.at_level(logging.WARNING):
        start(FakeCapture(size=(64, 48)), mode=Mode((64, 48), 15)).read()
    assert not caplog.text


def test_a_frame_is_dated_by_the_driver(start):
    capture = FakeCapture()
    capture.stamp = lambda: 1000 * (perf_counter() - 0.05)
    captured = start(capture).read().captured
    assert 0.05 <= perf_counter() - captured < 0.5


@pytest.mark.parametrize("stamp", [lambda: 0.0, lambda: 1000 * perf_counter() + 1e6])
def test_a_driver_of_another_clock_is_not_believed(start, stamp):
    capture = FakeCapture()
    capture.stamp = stamp
    before = perf_counter()
    camera = start(capture)
    found = [camera.read() for _ in range(3)]
    assert all(before <= each.captured <= perf_counter() for each in found)


def test_time_grows_even_where_the_driver_stamps_twice_alike(start):
    capture = FakeCapture()
    once = 1000 * perf_counter()
    capture.stamp = lambda: once
    camera = start(capture)
    found = [camera.read() for _ in range(3)]
    assert all(b.time_s > a.time_s for a, b in pairwise(found))
