"""Decoding the frame that is wanted, in a thread of its own, into a bounded cache."""

from collections.abc import Callable

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba_live.review.cache import Cache
from dfmamba_live.review.requests import Inbox, Want
from dfmamba_live.sources import FrameReader

FRAME_BYTES = 256 << 20
"""Bytes of decoded frames that are kept: ten seconds of 640 x 480, or one and a half of full HD."""


def frame_bytes(frame: Frame) -> int:
    """What a frame takes in memory."""
    return frame.image.nbytes + (0 if frame.depth is None else frame.depth.values.nbytes)


class Decoder:
    """Reads the newest wanted frame; `run` is the thread's work, until `wanted` is closed.

    decoded: told each frame that was wanted; failed: a line for people.
    """

    def __init__(
        self,
        clip: FrameReader,
        frames: Cache[int, Frame],
        decoded: Callable[[Want, Frame], None],
        failed: Callable[[str], None],
    ) -> None:
        self.wanted: Inbox[Want] = Inbox()
        self._clip, self._frames = clip, frames
        self._decoded, self._failed = decoded, failed

    def run(self) -> None:
        """Decode until the end."""
        while not self.wanted.closed:
            want = self.wanted.take()
            if want is None:
                continue
            try:
                frame = self._frames.get(want.index) or self._clip.read(want.index)
            except UserError as error:
                self._failed(str(error))
                continue
            self._frames.put(want.index, frame)
            self._decoded(want, frame)
