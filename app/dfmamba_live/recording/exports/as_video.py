"""MP4: the frames at their own times, with the hands drawn over them."""

import json
import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace

from dfmamba.frame import Frame
from dfmamba.pose import HandPose
from dfmamba_live.recording.draw import draw_hands
from dfmamba_live.recording.exports.base import FAILURES, Export

TICK = Fraction(1, 90_000)
OPTIONS = {"crf": "18", "preset": "veryfast"}
GROWING = {"movflags": "hybrid_fragmented", "frag_duration": "200000"}
"""The file grows by parts of a second (in microseconds), each readable whatever comes after it."""


class VideoExport(Export):
    """Encodes each frame as it comes; later frames of another size are fitted to the first."""

    _container: OutputContainer | None = None

    def begin(self, about: dict[str, Any], first: Frame | None) -> None:
        """Open the file, as large as the first frame."""
        height, width = first.image.shape[:2] if first else (2, 2)
        self._size = width + width % 2, height + height % 2  # H.264 takes even sizes only
        name = str(self.part.absolute())  # libav takes what is before a colon for a protocol
        options = GROWING if first else {}  # libav crashes where it grows by no frame at all
        self._container = av.open(name, "w", format="mp4", container_options=options)
        self._container.metadata["comment"] = json.dumps(about, allow_nan=False)
        self._stream = self._container.add_stream("libx264", options=OPTIONS)
        self._stream.width, self._stream.height = self._size
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._stream.codec_context.time_base = TICK
        self._stream.codec_context.colorspace = Colorspace.ITU709
        self._stream.codec_context.color_range = ColorRange.MPEG
        self._stream.codec_context.open()  # to fail here, where nothing is written yet
        self._last = -1

    def write(self, frame: Frame, hands: Sequence[HandPose]) -> None:
        """Draw and encode a frame."""
        drawn = draw_hands(frame.image, hands)
        if drawn.shape[1::-1] != self._size:
            drawn = _fitted(drawn, self._size)
        picture = av.VideoFrame.from_ndarray(drawn, format="rgb24").reformat(
            format="yuv420p", dst_colorspace=Colorspace.ITU709
        )
        self._last = max(round(frame.time_s / TICK), self._last + 1)
        picture.pts, picture.time_base = self._last, TICK
        self._mux(picture)

    def finish(self) -> None:
        """Encode what is under way; closing the file makes it whole."""
        self._mux(None)

    def rescue(self, count: int) -> int:  # noqa: ARG002
        """All up to the last part that is whole."""
        with suppress(*FAILURES):
            self.release()
        if not _cut_to_parts(self.part):
            return 0
        with av.open(str(self.part.absolute()), format="mp4") as film:
            return sum(1 for packet in film.demux(video=0) if packet.size)

    def release(self) -> None:
        """Close the file."""
        if self._container is not None:
            self._container.close()

    def _mux(self, picture: av.VideoFrame | None) -> None:
        assert self._container is not None
        packets = self._stream.encode(picture)
        if packets or picture is None:
            self._container.start_encoding()
        self._container.mux(packets)


def _cut_to_parts(path: Path) -> int:
    """Cut a growing file off behind its last part that is whole; its size then."""
    whole = place = 0
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        while place + 8 <= size:
            file.seek(place)
            length, kind = struct.unpack(">I4s", file.read(8))
            place += max(length, 8)
            if kind == b"mdat" and place <= size:
                whole = place
        file.truncate(whole)
    return whole


def _fitted(
    image: np.typing.NDArray[np.uint8], size: tuple[int, int]
) -> np.typing.NDArray[np.uint8]:
    """Scaled down where it is too large, black at the right and below where it is too small."""
    height, width = image.shape[:2]
    scale = min(size[0] / width, size[1] / height, 1.0)
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    fitted = max(int(width * scale), 1), max(int(height * scale), 1)  # a line stays one pixel wide
    small = cv2.resize(image, fitted) if scale < 1 else image
    canvas[: small.shape[0], : small.shape[1]] = small
    return canvas
