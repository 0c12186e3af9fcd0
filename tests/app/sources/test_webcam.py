from itertools import pairwise
from threading import Event, Semaphore
from time import perf_counter, sleep

import cv2
import numpy as np
import pytest

from app.sources.webcam import Webcam
from dfmamba.errors import UserError


class FakeCapture:
    """A camera whose frame i is of level i; it waits for `allowed`, and fails after `count`."""

    def __init__(self, count=1000, allowed=None, opened=True):
        self.count, self.allowed, self.opened = count, allowed, opened
        self.reads = 0
        self.released = Event()

    def __call__(self, index):
        self.number = index
        return self

    def isOpened(self):  # noqa: N802
        return self.opened

    def get(self, _):
        return 15.0

    def read(self):
        if self.allowed:
            self.allowed.acquire()
        else:
            sleep(0.002)
        if self.reads >= self.count:
            return False, None
        image = np.full((48, 64, 3), [0, 0, self.reads % 256], np.uint8)
        self.reads += 1
        return True, image

    def release(self):
        self.released.set()


def test_frames_come_in_order_and_rgb():
    capture = FakeCapture()
    camera = Webcam(3, open_capture=capture)
    found = [camera.read() for _ in range(4)]
    camera.close()
    assert (camera.name, camera.kind, camera.live, camera.rate) == ("camera 3", "camera", True, 15)
    assert (found[0].image[0, 0] == [found[0].index, 0, 0]).all()
    assert all(b.index > a.index and b.time_s > a.time_s for a, b in pairwise(found))
    assert camera.read() is None
    assert capture.released.wait(1)


def test_only_the_newest_frame_is_kept():
    allowed = Semaphore(5)
    capture = FakeCapture(allowed=allowed)
    camera = Webcam(0, open_capture=capture)
    while capture.reads < 5:
        sleep(0.001)
    sleep(0.02)
    assert camera.read().index == 4
    allowed.release(100)
    camera.close()


def test_missing_camera():
    capture = FakeCapture(opened=False)
    with pytest.raises(UserError, match="camera 7 cannot be opened"):
        Webcam(7, open_capture=capture)
    assert capture.released.is_set()


def test_real_missing_camera_is_told_without_noise(capfd):
    with pytest.raises(UserError, match="camera 63 cannot be opened"):
        Webcam(63)
    assert capfd.readouterr() == ("", "")


def test_camera_that_hangs_while_opening():
    leave = Event()

    def hang(index):
        leave.wait(10)
        return FakeCapture(opened=False)

    start = perf_counter()
    with pytest.raises(UserError, match=r"camera 0 sent no picture for 0\.1 s"):
        Webcam(0, timeout_s=0.1, open_capture=hang)
    assert perf_counter() - start < 3
    leave.set()


def test_camera_that_hangs_later():
    allowed = Semaphore(1)
    camera = Webcam(0, timeout_s=0.1, open_capture=FakeCapture(allowed=allowed))
    assert camera.read().index == 0
    with pytest.raises(UserError, match="sent no picture"):
        camera.read()
    allowed.release(100)
    camera.close()


def test_unplugged_camera():
    camera = Webcam(0, open_capture=FakeCapture(count=1))
    assert camera.read().index == 0
    with pytest.raises(UserError, match="camera 0 stopped sending pictures"):
        camera.read()
    camera.close()


def test_camera_that_opencv_fails_on():
    def fail(index):
        raise cv2.error("no")

    with pytest.raises(UserError, match="camera 0 broke down"):
        Webcam(0, open_capture=fail)
