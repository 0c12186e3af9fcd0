"""Frames of high dynamic range, BT.2100, made fit for what takes ordinary pictures.

The light of a display of `PEAK` cd/m2 is scaled so that `WHITE` is 1 (BT.2408) and compressed by
Reinhard's curve (Photographic Tone Reproduction for Digital Images, 2002, equation 4), so that the
peak is just white and middle tones keep their contrast. Then BT.2020's primaries become those of
BT.709, and light becomes values of sRGB.
"""

from typing import cast

import av
import cv2
import numpy as np
from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc
from numpy.typing import NDArray

PEAK, WHITE = 1000.0, 203.0
"""cd/m2 of the brightest that is told apart, and of white paper in a picture."""
STEPS = 4096
"""Of the tables, 12 bits: what is graded is not graded finer."""
UNSPECIFIED = 2

BT709_OF_BT2020 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)
"""Linear light, BT.2087."""


def tone_mapped(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """RGB (H, W, 3) of sRGB; the frame's transfer must be one of `CURVES`."""
    matrix = Colorspace.BT2020 if frame.colorspace == UNSPECIFIED else None
    coded = frame.to_ndarray(format="rgb48le", src_colorspace=matrix)
    light = CURVES[frame.color_trc][coded // (65536 // STEPS)]
    if frame.color_primaries in (ColorPrimaries.BT2020, UNSPECIFIED):
        light = cv2.transform(light, BT709_OF_BT2020)
    steps = np.clip(light, 0, 1) * (STEPS - 1) + 0.5
    return cast(NDArray[np.uint8], SRGB[steps.astype(np.uint16)])


def _pq(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """cd/m2 of a coded value, SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = value ** (1 / m2)
    light: NDArray[np.float64] = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return light


def _hlg(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """cd/m2 of a coded value on a display of `PEAK`, ARIB STD-B67; the gamma of each colour."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(value <= 0.5, value**2 / 3, (np.exp((value - c) / a) + b) / 12)
    return PEAK * scene**1.2


def _reinhard(light: NDArray[np.float64]) -> NDArray[np.float32]:
    x = np.minimum(light, PEAK) / WHITE
    return np.asarray(x * (1 + x * (WHITE / PEAK) ** 2) / (1 + x), np.float32)


def _srgb(light: NDArray[np.float64]) -> NDArray[np.uint8]:
    value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(255 * value), np.uint8)


_VALUES = np.linspace(0, 1, STEPS)
CURVES = {
    int(ColorTrc.SMPTE2084): _reinhard(_pq(_VALUES)),
    int(ColorTrc.ARIB_STD_B67): _reinhard(_hlg(_VALUES)),
}
"""Compressed light, 0 to 1, of a coded value, by libav's number of the transfer."""
SRGB = _srgb(_VALUES)
"""The value of sRGB of linear light."""
