"""A camera through OpenCV, in a thread of its own: one that hangs never hangs the program."""

from collections.abc import Callable
from threading import Condition, Thread
from time import perf_counter

import cv2
import numpy as np

from app.sources.base import Frame, Kind
from dfmamba.errors import UserError

TIMEOUT_S = 8.0
"""Slow cameras take some seconds to start."""
USUAL_RATE = 30.0


class Webcam:
    """The newest frame of camera `index`; frames that nobody takes are dropped."""

    kind: Kind = "camera"
    live = True
    frame_count: int | None = None

    def __init__(
        self,
        index: int,
        timeout_s: float = TIMEOUT_S,
        open_capture: Callable[[int], cv2.VideoCapture] = cv2.VideoCapture,
    ) -> None:
        """Open the camera and wait for its first frame.

        Raises:
            UserError: there is no such camera, or it sends nothing within `timeout_s`.
        """
        self.name = f"camera {index}"
        self.rate = USUAL_RATE
        self._timeout_s = timeout_s
        self._changed = Condition()
        self._newest: Frame | None = None
        self._failure: str | None = None
        self._closed = False
        self._thread = Thread(
            target=self._run, args=(open_capture, index), name=self.name, daemon=True
        )
        self._thread.start()
        try:
            with self._changed:
                self._wait()
        except UserError:
            self.close()
            raise

    def read(self) -> Frame | None:
        """The newest frame, each one once; waits for it. None once closed.

        Raises:
            UserError: the camera stopped.
        """
        with self._changed:
            self._wait()
            frame, self._newest = self._newest, None
            return frame

    def close(self) -> None:
        """Release the camera; a hanging one is left to its thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        # The interpreter must not end while the thread is inside OpenCV: that would abort.
        self._thread.join(timeout=1.0)

    def _wait(self) -> None:
        came = self._changed.wait_for(
            lambda: self._newest or self._failure or self._closed, self._timeout_s
        )
        if self._closed:
            self._newest = None
        elif not came:
            raise UserError(
                f"{self.name} sent no picture for {self._timeout_s:g} s; "
                "close other programs that use it, or plug it in again"
            )
        elif self._newest is None:
            raise UserError(f"{self.name} {self._failure}")

    def _run(self, open_capture: Callable[[int], cv2.VideoCapture], index: int) -> None:
        # The capture is opened, read and released here only: OpenCV's are not thread-safe.
        try:
            capture = open_capture(index)
            try:
                self._fill(capture)
            finally:
                capture.release()
        except cv2.error:
            self._fail("broke down; plug it in again, or use another one")

    def _fill(self, capture: cv2.VideoCapture) -> None:
        if not capture.isOpened():
            self._fail("cannot be opened; check that it is plugged in, or use --video FILE")
            return
        self.rate = capture.get(cv2.CAP_PROP_FPS) or USUAL_RATE
        start, index = perf_counter(), 0
        while not self._closed:
            fine, image = capture.read()
            if not fine:
                self._fail("stopped sending pictures; plug it in again")
                return
            captured = perf_counter()
            if index == 0:
                start = captured
            rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
            with self._changed:
                self._newest = Frame(rgb, index, captured - start, captured)
                self._changed.notify_all()
            index += 1

    def _fail(self, reason: str) -> None:
        with self._changed:
            self._failure = reason
            self._changed.notify_all()
