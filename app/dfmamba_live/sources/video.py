"""A video file, played."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from dfmamba.frame import Frame
from dfmamba.video import USUAL_RATE, Film, unreadable
from dfmamba_live.sources.base import Kind


class Video:
    """The frames of a video file in order, at their own times, as they are to be seen.

    With `loop` it starts again at its end: indices start at 0 again, times go on.
    """

    kind: Kind = "video"
    live = False

    def __init__(self, path: Path, loop: bool = False) -> None:
        """Open the file and decode its first frame.

        Raises:
            UserError: not one picture can be read from it.
        """
        self.name, self.path = path.name, path
        self.frame_count: int | None = None
        self.rate = USUAL_RATE
        self._loop = loop
        self._frames = self._play()
        self._next = next(self._frames, None)
        if self._next is None:
            raise unreadable(path)

    def read(self) -> Frame | None:
        """The next frame, None at the end."""
        frame = self._next
        self._next = next(self._frames, None)
        return frame and replace(frame, captured=perf_counter())

    def close(self) -> None:
        """Close the file."""
        self._next = None
        self._frames.close()

    def _play(self) -> Generator[Frame]:
        start = 0.0
        while True:
            time_s = start
            with Film(self.path) as film:
                self.frame_count, self.rate = film.frame_count, film.rate
                for frame in film.frames():
                    time_s = start + frame.time_s
                    yield replace(frame, time_s=time_s)
            if not self._loop:
                return
            start = time_s + 1 / self.rate
