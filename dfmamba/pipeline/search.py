"""When the detector looks: at once, or beside the tracking, in a thread of its own."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dfmamba.pipeline.detect import Detection, Detector

LATE_S = 0.5
"""A hand found longer ago than this may be anywhere by now."""


class Search(Protocol):
    """Asked for the hands in a frame; answers then or later."""

    def ask(self, image: NDArray[np.uint8], time_s: float) -> bool:
        """Look at an RGB frame (H, W, 3) uint8; False where the last one is still looked at."""

    def answer(self, time_s: float) -> list[Detection] | None:
        """What was found, told once; None where there is nothing to tell (yet).

        Raises what the detector raised.
        """

    def forget(self) -> None:
        """Drop what was asked and not yet told: it belongs to another clip."""

    def close(self) -> None:
        """Free the detector."""


class DirectSearch:
    """Looks at once: every run of a clip finds the same."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._found: list[Detection] | None = None

    def ask(self, image: NDArray[np.uint8], time_s: float) -> bool:  # noqa: ARG002
        """Look, and be done."""
        self._found = self._detector(image)
        return True

    def answer(self, time_s: float) -> list[Detection] | None:  # noqa: ARG002
        """What was just found."""
        found, self._found = self._found, None
        return found

    def forget(self) -> None:
        """Drop what was not told."""
        self._found = None

    def close(self) -> None:
        """Free the detector."""
        self._detector.close()


class BackgroundSearch:
    """Looks in its own thread, one frame at a time; the caller never waits.

    The frame is read while the caller goes on: nobody may write to it.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="search")
        self._asked: tuple[float, Future[list[Detection]]] | None = None

    def ask(self, image: NDArray[np.uint8], time_s: float) -> bool:
        """Start to look, if nothing else is looked at."""
        if self._asked is not None:
            return False
        self._asked = time_s, self._thread.submit(self._detector, image)
        return True

    def answer(self, time_s: float) -> list[Detection] | None:
        """What was found in a frame not older than `LATE_S`."""
        if self._asked is None or not self._asked[1].done():
            return None
        asked_s, found = self._asked
        self._asked = None
        detections = found.result()
        return detections if time_s - asked_s <= LATE_S else None

    def forget(self) -> None:
        """Drop what is asked; a frame that is looked at already is finished for nobody."""
        if self._asked is not None:
            self._asked[1].cancel()
        self._asked = None

    def close(self) -> None:
        """Wait for the frame under way, a matter of milliseconds, and free the detector."""
        self._thread.shutdown(cancel_futures=True)
        self._detector.close()
