"""When a detector looks, and where: at once, or beside the tracking, in a thread of its own."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dfmamba.finder.look import Part
from dfmamba.images import Picture
from dfmamba.pipeline.detect import Detection, Detector
from dfmamba.pipeline.finder import FinderDetector, tiles_of
from dfmamba.pipeline.tracker import Tracker

TILES_SEARCHING, TILES_FOLLOWING = 3, 1
"""Tiles that are looked at in a frame while no hand is followed, and while some are: the less time
the hands take, the more is left."""
LATE_S = 0.5
"""A hand found longer ago than this may be anywhere by now."""


class Search(Protocol):
    """Asked for the hands in a frame; answers then or later."""

    def ask(self, image: NDArray[np.uint8], time_s: float, tracker: Tracker) -> bool:
        """Look at an RGB frame (H, W, 3) uint8.

        False where that is not needed, or the last one is still looked at. tracker: what is known.
        """

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

    def ask(self, image: NDArray[np.uint8], time_s: float, tracker: Tracker) -> bool:
        """Look, and be done."""
        if not tracker.search_due(time_s):
            return False
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


class FinderSearch:
    """Looks at every frame with the finder, and at some tiles of it while there may be more hands.

    The first frame of a clip, or a picture alone, is looked at in all of its tiles.
    """

    def __init__(self, detector: FinderDetector) -> None:
        self._detector = detector
        self._found: list[Detection] | None = None
        self._next: int | None = None

    def ask(self, image: Picture, time_s: float, tracker: Tracker) -> bool:  # noqa: ARG002
        """Look, and be done."""
        self._found = self._detector.detections(image, self._turn(tiles_of(image), tracker))
        return True

    def _turn(self, tiles: list[Part], tracker: Tracker) -> list[Part]:
        """The tiles whose turn it is."""
        first, self._next = self._next is None, self._next or 0
        if first or not tiles or tracker.full:
            return [] if tracker.full else tiles
        count = TILES_FOLLOWING if tracker.tracks else TILES_SEARCHING
        turn = [tiles[(self._next + step) % len(tiles)] for step in range(count)]
        self._next = (self._next + count) % len(tiles)
        return turn

    def answer(self, time_s: float) -> list[Detection] | None:  # noqa: ARG002
        """What was just found."""
        found, self._found = self._found, None
        return found

    def forget(self) -> None:
        """Drop what was not told, and begin with all tiles again."""
        self._found, self._next = None, None

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

    def ask(self, image: NDArray[np.uint8], time_s: float, tracker: Tracker) -> bool:
        """Start to look, if nothing else is looked at."""
        if self._asked is not None or not tracker.search_due(time_s):
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


def open_search(detector: Detector, background: bool) -> Search:
    """What asks a detector; `background`: one that takes its time does so in a thread."""
    if isinstance(detector, FinderDetector):
        return FinderSearch(detector)
    return BackgroundSearch(detector) if background else DirectSearch(detector)
