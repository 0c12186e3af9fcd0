"""What playing a video and looking frames up in it have in common: opening and numbers."""

import heapq
import logging
from collections.abc import Iterator
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from dfmamba.errors import UserError
from dfmamba.video import FILES_ONLY

USUAL_RATE = 30.0

log = logging.getLogger(__name__)
av.logging.set_level(None)  # libav would write to stderr by itself; errors come as exceptions

_TEXT = "tty"
"""libav's format of text files, which it would draw as a terminal does."""


def open_video(path: Path) -> tuple[InputContainer, VideoStream]:
    """Open a file and its first video stream, decoded on several threads.

    Raises:
        UserError: it is not there, broken or not a video.
    """
    try:
        container = av.open(str(path), options=FILES_ONLY)
    except av.FFmpegError as error:
        raise unreadable(path) from error
    if not container.streams.video or container.format.name == _TEXT:
        container.close()
        raise unreadable(path)
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    return container, stream


def unreadable(path: Path) -> UserError:
    """What to tell of a file without one frame."""
    return UserError(f"no picture can be read from {path}; it is broken or not a video")


class Numbers:
    """The index and the time of each frame: those that `stamps` of the whole file would give.

    A frame that cannot be decoded keeps its number: others are not renumbered.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._time_base = float(stream.time_base or 1)
        self._step_s = 1 / float(stream.average_rate or USUAL_RATE)
        self._waiting: list[int] = []
        self._passed = 0
        self._first: int | None = None
        self._last = -1, -self._step_s

    def see(self, packet: "av.Packet[VideoStream]") -> None:
        """A packet that goes to the decoder; its frame may come much later."""
        if packet.pts is not None and not packet.is_discard:
            heapq.heappush(self._waiting, packet.pts)

    def number(self, frame: av.VideoFrame) -> tuple[int, float]:
        """Index and seconds from the file's first frame on; both grow, however damaged it is."""
        index, time_s = self._last[0] + 1, self._last[1] + self._step_s
        if frame.pts is not None:
            if self._first is None:
                self._first = min(self._waiting, default=frame.pts)
            while self._waiting and self._waiting[0] < frame.pts:
                heapq.heappop(self._waiting)
                self._passed += 1
            stamped_s = (frame.pts - self._first) * self._time_base
            if stamped_s > self._last[1]:
                index, time_s = max(index, self._passed), stamped_s
        self._last = index, time_s
        return self._last


def stamps(container: InputContainer) -> tuple[list[int | None], list[int]]:
    """The presentation stamps of all frames, in the file's order, and those of its key frames.

    It reads the whole file and decodes nothing.
    """
    found, keys = [], []
    try:
        for packet in container.demux(video=0):
            if packet.size and not packet.is_discard:  # an editor may have cut off the start
                found.append(packet.pts)
                if packet.is_keyframe and packet.pts is not None:
                    keys.append(packet.pts)
    except av.FFmpegError as error:
        log.debug("%s: %s", container.name, error)
    return found, sorted(keys)


def decode(container: InputContainer, numbers: Numbers | None = None) -> Iterator[av.VideoFrame]:
    """The frames from here on; what is damaged is left out, and where they are numbered, told."""
    packets = container.demux(video=0)
    damaged = 0
    while True:
        try:
            packet = next(packets, None)
            if packet is not None and numbers is not None:
                numbers.see(packet)
            frames = packet.decode() if packet else None
        except av.FFmpegError:
            damaged += 1
            continue
        if frames is None:
            break
        yield from (frame for frame in frames if isinstance(frame, av.VideoFrame))
    if damaged and numbers is not None:
        log.warning("%s is damaged: %d parts were left out", Path(container.name).name, damaged)
