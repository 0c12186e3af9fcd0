"""Decoding the frame that is asked for, in a thread of its own, into a bounded cache."""

from typing import Protocol

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba_live.latest import Latest
from dfmamba_live.review.cache import Cache
from dfmamba_live.review.requests import Request
from dfmamba_live.sources import FrameReader

FRAME_BYTES = 256 << 20
"""Bytes of decoded frames that are kept: ten seconds of 640 x 480, or one and a half of full HD."""


def frame_bytes(frame: Frame) -> int:
    """What a frame takes in memory."""
    return frame.image.nbytes + (0 if frame.depth is None else frame.depth.values.nbytes)


class DecodeListener(Protocol):
    """Who is told of decoded frames, in the decoder's thread."""

    def on_decoded(self, request: Request, frame: Frame) -> None:
        """A frame that was asked for is there."""

    def on_message(self, line: str) -> None:
        """One cannot be read; a line for people."""


class Decoder:
    """Reads the frame that was asked for last; `run` is the thread's work, until `asked` closes."""

    def __init__(
        self, clip: FrameReader, frames: Cache[int, Frame], listener: DecodeListener
    ) -> None:
        self.asked: Latest[Request] = Latest()
        self._clip, self._frames, self._listener = clip, frames, listener

    def run(self) -> None:
        """Decode until the end."""
        while not self.asked.closed:
            request = self.asked.take(timeout=None)
            if request is None:
                continue
            try:
                frame = self._frames.get(request.index) or self._clip.read(request.index)
            except UserError as error:
                self._listener.on_message(str(error))
                continue
            self._frames.put(request.index, frame)
            self._listener.on_decoded(request, frame)
