"""A decoded frame as it is to be seen: upright, square pixels, no combs, no high dynamic range."""

from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from dfmamba.video.hdr import CURVES, tone_mapped

Image = NDArray[np.uint8]

MOST_ASPECT = 4
"""Pixels that are said to be longer than this are taken for square: no camera has them."""


def shown(frame: av.VideoFrame, aspect: Fraction | None = None) -> Image:
    """RGB (H, W, 3) of a frame, each frame by itself: it is the same after a jump as when played.

    An ordinary frame is only converted to RGB. One of high dynamic range (PQ, HLG) is tone-mapped.
    Of an interlaced one, the top field is taken, and the lines between are made from it. Pixels
    that are not square are made so by scaling up. Last it is turned and mirrored.

    aspect: width by height of a pixel.
    """
    fields = frame.interlaced_frame and frame.height > 1
    source = _top_field(frame) if fields else frame
    image = tone_mapped(source) if frame.color_trc in CURVES else _rgb(source)
    if fields:
        image = _between_lines(image, frame.height)
    image = _square(image, float(aspect or 1))
    return np.ascontiguousarray(_oriented(image, _display_matrix(frame)), np.uint8)


def _rgb(frame: av.VideoFrame) -> Image:
    return cast(Image, frame.to_ndarray(format="rgb24"))


def _top_field(frame: av.VideoFrame) -> av.VideoFrame:
    """Every second line, of the colours as well: a picture of half the height."""
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1),
    )
    graph.link_nodes(source, graph.add("field", "type=top"), graph.add("buffersink")).configure()
    graph.vpush(frame)
    return graph.vpull()


def _between_lines(field: Image, height: int) -> Image:
    """The lines of the top field in their places, each other one the mean of its neighbours."""
    half = np.array([[1, 0, 0], [0, 0.5, 0]])
    size = field.shape[1], height
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cast(Image, cv2.warpAffine(field, half, size, None, flags, cv2.BORDER_REPLICATE))


def _square(image: Image, aspect: float) -> Image:
    height, width = image.shape[:2]
    if aspect == 1 or not 1 / MOST_ASPECT <= aspect <= MOST_ASPECT:
        return image
    size = round(width * max(aspect, 1)), round(height / min(aspect, 1))
    return cast(Image, cv2.resize(image, size, interpolation=cv2.INTER_LINEAR))


def _display_matrix(frame: av.VideoFrame) -> tuple[float, float, float, float]:
    """(a, b, c, d): what is stored at (x, y) is shown at (a x + c y, b x + d y), and moved."""
    try:
        data = cast(dict[str, bytes], frame.side_data).get("DISPLAYMATRIX")
    except ValueError:  # PyAV does not know all kinds of side data: it reads none then
        turn = np.exp(1j * np.radians(-frame.rotation))
        return turn.real, turn.imag, -turn.imag, turn.real
    if data is None:
        return 1, 0, 0, 1
    a, b, _, c, d = np.frombuffer(data, np.int32)[:5].tolist()
    return a, b, c, d


def _oriented(image: Image, matrix: tuple[float, float, float, float]) -> Image:
    """A view of the image in the nearest of the eight orientations."""
    a, b, c, d = matrix
    x, y = a, d
    if abs(b) + abs(c) > abs(a) + abs(d):
        image, x, y = image.transpose(1, 0, 2), c, b
    return image[:: -1 if y < 0 else 1, :: -1 if x < 0 else 1]
