"""A camera through OpenCV, in a thread of its own: one that hangs never hangs the program."""

import logging
from collections.abc import Callable
from threading import Condition, Thread
from time import perf_counter

import cv2
import numpy as np

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba_live.camera import AS_IT_LIKES, USUAL_RATE, WEBCAM, Camera, Mode
from dfmamba_live.sources import devices
from dfmamba_live.sources.base import Kind, SourceAway
from dfmamba_live.sources.driver import Driver, find

TIMEOUT_S = 8.0
"""Slow cameras take some seconds to start."""
QUIET_S = 2.0
"""How long a camera that runs may send nothing."""
AWAY_S = 0.5
"""How long a reader waits for a camera that is away, before it is told so again."""
RETRY_S = 1.0
STALE_S = 1.0
"""A driver's stamp that is older than this is of another clock."""

_STARTING = "is starting"
_SILENT = "sends no picture; close other programs that use it, or plug it in again"
_GONE = "is not plugged in; plug it in to go on"
_SHUT = "cannot be opened; check that it is plugged in and that no other program uses it"
_STOPPED = "stopped sending pictures; plug it in again"
_BROKEN = "broke down; plug it in again, or use another one"

log = logging.getLogger(__name__)


class Webcam:
    """The newest frame of a camera; frames that nobody takes are dropped.

    A camera that is unplugged is opened again once it is back; indices and times go on.
    """

    kind: Kind = "camera"
    live = True
    frame_count: int | None = None
    path = None

    def __init__(
        self,
        camera: Camera,
        mode: Mode = AS_IT_LIKES,
        wait: bool = True,
        timeout_s: float = TIMEOUT_S,
        quiet_s: float = QUIET_S,
        retry_s: float = RETRY_S,
        open_capture: Callable[[int], cv2.VideoCapture] | None = None,
    ) -> None:
        """Open the camera; with `wait` stay until its first frame is there.

        Raises:
            UserError: with `wait`, there is no such camera, or it sends nothing within `timeout_s`.
        """
        self.name = str(camera)
        self.rate = mode.rate or USUAL_RATE
        self._camera, self._mode = camera, mode
        self._quiet_s, self._retry_s = quiet_s, retry_s
        self._open_capture = open_capture or _open_capture
        self._changed = Condition()
        self._newest: Frame | None = None
        self._trouble = _STARTING
        self._told = True
        self._closed = False
        self._count = 0
        self._start, self._last_s = 0.0, -1.0
        self._thread = Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()
        if wait:
            self._wait_for_start(timeout_s)

    def read(self) -> Frame | None:
        """The newest frame, each one once; waits for it. None once closed.

        Raises:
            SourceAway: the camera stopped; read on until it is back.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._newest or self._closed or (self._trouble and not self._told),
                AWAY_S if self._told else self._quiet_s,
            )
            if self._closed:
                return None
            frame, self._newest = self._newest, None
            self._told = frame is None
            if frame is None:
                raise SourceAway(f"{self.name} {self._trouble or _SILENT}")
            return frame

    def close(self) -> None:
        """Release the camera; a hanging one is left to its thread."""
        with self._changed:
            self._closed = True
            self._newest = None
            self._changed.notify_all()
        # The interpreter must not end while the thread is inside OpenCV: that would abort.
        self._thread.join(timeout=1.0)

    def _wait_for_start(self, timeout_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._trouble != _STARTING, timeout_s)
            trouble = self._trouble
        if not self._count:
            self.close()
            if trouble == _STARTING:
                trouble = f"sent no picture for {timeout_s:g} s; close other programs that use it"
            raise UserError(f"{self.name} {trouble}")

    def _run(self) -> None:
        # A capture is opened, read and released here only: OpenCV's are not thread-safe.
        while not self._closed:
            trouble = self._play()
            with self._changed:
                self._trouble = trouble
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._closed, self._retry_s)

    def _play(self) -> str:
        """Take frames until the camera fails; what happened."""
        place = find(self._camera, devices.cameras)
        if place is None:
            return _GONE
        try:
            capture = self._open_capture(place.index)
            try:
                return self._fill(capture) if capture.isOpened() else _SHUT
            finally:
                capture.release()
        except cv2.error:
            return _BROKEN

    def _fill(self, capture: cv2.VideoCapture) -> str:
        _ask(capture, self._mode)
        self.rate = capture.get(cv2.CAP_PROP_FPS) or USUAL_RATE
        first = True
        while not self._closed:
            grabbed = capture.grab()
            captured = _captured(capture)
            image = capture.retrieve()[1] if grabbed else None
            if image is None:
                return _STOPPED
            if first:
                self._tell_mode(image.shape[1], image.shape[0])
                first = False
            self._put(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8), captured)
        return _STOPPED

    def _put(self, image: np.typing.NDArray[np.uint8], captured: float) -> None:
        self._start = self._start or captured
        self._last_s = max(captured - self._start, self._last_s + 1e-4)  # time has to grow
        frame = Frame(image, self._last_s, index=self._count, captured=captured)
        self._count += 1
        with self._changed:
            self._newest, self._trouble = frame, ""
            self._changed.notify_all()

    def _tell_mode(self, width: int, height: int) -> None:
        given = Mode((width, height), self.rate)
        size, rate = self._mode.size or given.size, self._mode.rate or self.rate
        if size != given.size or abs(rate - self.rate) > 0.5:
            log.warning("%s gives %s, not %s", self.name, given, self._mode)


def _open_capture(index: int) -> cv2.VideoCapture:
    return cv2.VideoCapture(index, devices.BACKEND)


def _captured(capture: cv2.VideoCapture) -> float:
    """When the frame that was just grabbed came from the sensor, on the clock of `perf_counter`.

    Linux's drivers stamp frames by that very clock; elsewhere it is now, before decoding.
    """
    now, stamped = perf_counter(), capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
    return stamped if 0 <= now - stamped < STALE_S else now


def _ask(capture: cv2.VideoCapture, mode: Mode) -> None:
    if mode.size or mode.rate:
        # Uncompressed, a USB cable carries only a few large pictures a second.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    if mode.size:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, mode.size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, mode.size[1])
    if mode.rate:
        capture.set(cv2.CAP_PROP_FPS, mode.rate)


DRIVER = Driver(WEBCAM, devices.cameras, Webcam)
