"""A video file through PyAV: exact times, and whatever a damaged file still holds."""

import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Self

import av
import numpy as np
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba.video.numbers import Numbers
from dfmamba.video.shown import shown

USUAL_RATE = 30.0
"""Frames a second, where a file does not tell."""

FORMATS = (
    *("mov", "matroska", "avi", "mpeg", "mpegts", "mpegvideo", "m4v", "mjpeg", "mpjpeg"),
    *("h261", "h263", "h264", "hevc", "vvc", "av1", "obu", "ivf", "vc1", "cavsvideo", "dirac"),
    *("flv", "asf", "ogg", "nut", "mxf", "gxf", "dv", "rm", "wtv", "swf", "ty", "pva", "nsv"),
    *("yuv4mpegpipe", "gif", "apng", "amv", "smjpeg", "r3d", "dnxhd", "webm_chunk"),
)
"""libav's names of the formats that are opened. Each holds its film itself: playlists, which lead
to other files or into the network, are not among them, nor are devices and pictures."""
MOST_PIXELS = 1 << 26
"""Of one frame, 8192 x 8192: a few bytes may claim to be a picture of gigabytes."""
FILE_OPTIONS = {"format_whitelist": ",".join(FORMATS), "protocol_whitelist": "file"}
LOST_LEVEL = 128
"""The grey of a frame of which nothing could be decoded."""

log = logging.getLogger(__name__)
av.logging.set_level(None)  # libav would write to stderr by itself; errors come as exceptions


def unreadable(path: Path) -> UserError:
    """What to tell of a file without one frame."""
    return UserError(
        f"no picture can be read from {path}; it is broken, not a video, or a list of others"
    )


@dataclass(frozen=True, eq=False)
class Decoded:
    """A frame as libav stores it."""

    frame: av.VideoFrame
    """Its picture, not yet turned, scaled or converted, and its stamp."""
    damaged: bool
    """Whether the decoder knows that the picture is not what was encoded."""


class Film:
    """The film of a video file: of several the best one, never a cover. Close it after use."""

    def __init__(self, path: Path) -> None:
        """Open the file; it is decoded on several threads.

        Raises:
            UserError: it is not there, broken or not a video.
        """
        if not path.is_file():  # a pipe would be waited for without end
            raise unreadable(path)
        self.path = path
        try:  # "file:", or a name such as 10:30.mp4 would be taken for an address
            self._container = av.open(
                f"file:{path}", options=FILE_OPTIONS, metadata_errors="replace"
            )
        except (av.FFmpegError, ValueError) as error:
            raise unreadable(path) from error
        stream = self._best()
        if stream is None:
            self._container.close()
            raise unreadable(path)
        self._stream = stream
        self._stream.thread_type = "AUTO"
        self._alone = stream.codec.intra_only
        """Whether each packet is a whole frame: then what is damaged is lost alone, and libav
        may be strict; else it conceals damage, and marks it, for the sake of the frames after."""
        strict = {"err_detect": "explode"} if self._alone else {}
        stream.codec_context.options = {"max_pixels": str(MOST_PIXELS), **strict}
        self.time_base = stream.time_base or Fraction(1)
        """Seconds of a step of the stamps."""
        self.rate = float(stream.average_rate or USUAL_RATE)
        """Frames a second, nominal."""
        self.frame_count = stream.frames or None
        """As the file says; None where it does not."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; more than once does no harm."""
        self._container.close()

    def frames(self) -> Iterator[Frame]:
        """All frames in their order, as they are shown; the first one is at 0 s."""
        numbers = Numbers(self.time_base, self.rate)
        damaged = 0
        for each in self.decode(numbers):
            index, time_s = numbers.number(each.frame.pts)
            damaged += each.damaged
            yield Frame(self.shown(each), time_s, index=index, damaged=each.damaged)
        if damaged:
            log.warning("%s is damaged: %d frames are marked", self.path.name, damaged)

    def shown(self, decoded: Decoded) -> NDArray[np.uint8]:
        """RGB (H, W, 3) as the file wants it to be seen."""
        return shown(decoded.frame, self._stream.sample_aspect_ratio)

    def decode(self, numbers: Numbers | None = None) -> Iterator[Decoded]:
        """The frames from here on; the stamps of all packets are shown to `numbers` first.

        A packet that cannot be decoded is left out, and where `numbers` go on, told of. Only where
        each packet is a frame by itself it is known which one that is: it comes grey.
        """
        packets = self._container.demux(self._stream)
        sent: deque[int] = deque()
        doubtful: set[int] = set()
        failed = lost = 0
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    break
                if packet.pts is not None and packet.size and not packet.is_discard:
                    if numbers is not None:
                        numbers.see(packet.pts)
                    if self._alone:
                        sent.append(packet.pts)
                    if packet.is_corrupt:
                        doubtful.add(packet.pts)
                frames = packet.decode()
            except av.FFmpegError:
                failed += 1
                continue
            for frame in frames:
                while sent and frame.pts is not None and sent[0] <= frame.pts:
                    stamp = sent.popleft()
                    if stamp < frame.pts and lost < failed:
                        lost += 1
                        yield self._lost(stamp)
                yield Decoded(frame, frame.is_corrupt or frame.pts in doubtful)
        for stamp in list(sent)[: failed - lost]:
            lost += 1
            yield self._lost(stamp)
        if failed > lost and numbers is not None:
            log.warning("%s is damaged: %d parts were left out", self.path.name, failed - lost)

    def stamps(self) -> tuple[list[int | None], list[int]]:
        """The stamps of all frames, in the file's order, and those of its key frames.

        It reads the whole file and decodes nothing.
        """
        found, keys = [], []
        try:
            for packet in self._container.demux(self._stream):
                if packet.size and not packet.is_discard:  # an editor may have cut off the start
                    found.append(packet.pts)
                    if packet.is_keyframe and packet.pts is not None:
                        keys.append(packet.pts)
        except av.FFmpegError as error:
            log.debug("%s: %s", self.path, error)
        return found, sorted(keys)

    def seek(self, stamp: int) -> bool:
        """Go to the last key frame up to a stamp; False where the format cannot."""
        try:
            self._container.seek(stamp, stream=self._stream)
        except (av.FFmpegError, OSError):
            return False
        return True

    def _best(self) -> VideoStream | None:
        """The stream that is the film."""
        films = [
            each
            for each in self._container.streams.video
            if each.codec_context is not None and not each.disposition & Disposition.attached_pic
        ]
        best = self._container.streams.best("video")
        return next((each for each in films if each is best), films[0] if films else None)

    def _lost(self, stamp: int) -> Decoded:
        """A frame in the place of one that cannot be decoded."""
        context = self._stream.codec_context
        grey = np.full((max(context.height, 1), max(context.width, 1), 3), LOST_LEVEL, np.uint8)
        frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
        frame.pts, frame.time_base = stamp, self.time_base
        return Decoded(frame, damaged=True)


def video_frames(path: Path | str) -> Iterator[Frame]:
    """The frames of a video file in their order, as they are shown.

    Raises:
        UserError: it is not there or cannot be read.
    """
    path = Path(path)
    if not path.exists():
        raise UserError(f"there is no file {path}; check its name")
    frame = None
    try:
        with Film(path) as film:
            for frame in film.frames():
                yield frame
        if frame is None:
            raise unreadable(path)
    except UserError as error:
        raise UserError(f"{path} cannot be read as a video; give another one") from error
