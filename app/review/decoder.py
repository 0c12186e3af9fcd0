"""Decoding the frame that is wanted, in a thread of its own, into a bounded cache."""

from collections.abc import Callable

from app.review.cache import Cache
from app.review.clip import Clip
from app.review.want import Inbox, Want
from app.sources import Frame
from dfmamba.errors import UserError

FRAME_BYTES = 384 << 20
"""Bytes of decoded frames that are kept: some twenty seconds of small video, two of full HD."""
BACK = 8
"""Video decodes forwards only: a step back reads so many frames at once, for the next steps."""


def frame_bytes(frame: Frame) -> int:
    """What a frame takes in memory."""
    return frame.image.nbytes + (0 if frame.depth_mm is None else frame.depth_mm.nbytes)


class Decoder:
    """Reads the newest wanted frame; `run` is the thread's work, until `wanted` is closed.

    decoded: told each frame that was wanted; failed: a line for people.
    """

    def __init__(
        self,
        clip: Clip,
        frames: Cache[int, Frame],
        decoded: Callable[[Want, Frame], None],
        failed: Callable[[str], None],
    ) -> None:
        self.wanted: Inbox[Want] = Inbox()
        self._clip, self._frames = clip, frames
        self._decoded, self._failed = decoded, failed

    def run(self) -> None:
        """Decode until the end."""
        last = 0
        while not self.wanted.closed:
            want = self.wanted.take()
            if want is None:
                continue
            try:
                stepped_back = 0 < last - want.index <= BACK
                frame = self._read(want.index, BACK if stepped_back else 1)
            except UserError as error:
                self._failed(str(error))
                continue
            last = want.index
            self._decoded(want, frame)

    def _read(self, index: int, count: int) -> Frame:
        """A frame, and the missing ones of the `count` that end with it, in their order."""
        for earlier in range(max(index - count + 1, 0), index):
            if self._frames.get(earlier) is None:
                self._frames.put(earlier, self._clip.read(earlier))
        frame = self._frames.get(index) or self._clip.read(index)
        self._frames.put(index, frame)
        return frame
