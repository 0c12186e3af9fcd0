"""MP4: the frames at their own times, with the hands drawn over them."""

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from dfmamba.frame import Frame
from dfmamba.pose import HandPose
from dfmamba_live.recording.draw import draw_hands
from dfmamba_live.recording.exports.base import Export

TICK = Fraction(1, 90_000)
OPTIONS = {"crf": "18", "preset": "veryfast"}


class VideoExport(Export):
    """Encodes each frame as it comes; later frames of another size are fitted to the first."""

    def begin(self, about: dict[str, Any], first: Frame | None) -> None:
        """Open the file, as large as the first frame."""
        height, width = first.image.shape[:2] if first else (2, 2)
        self._size = width + width % 2, height + height % 2  # H.264 takes even sizes only
        self._container = av.open(str(self.part), "w", format="mp4")
        self._container.metadata["comment"] = json.dumps(about, allow_nan=False)
        self._stream = self._container.add_stream("libx264", options=OPTIONS)
        self._stream.width, self._stream.height = self._size
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._stream.codec_context.time_base = TICK
        self._stream.codec_context.colorspace = Colorspace.ITU709
        self._stream.codec_context.color_range = ColorRange.MPEG
        self._container.start_encoding()  # to fail here, where it can: later libav would crash
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
        self._container.mux(self._stream.encode(picture))

    def finish(self) -> None:
        """Encode what is under way and close the file."""
        if self._last >= 0:
            self._container.mux(self._stream.encode(None))
        self._container.close()


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
