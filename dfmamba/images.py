"""Pictures in files: the one place where they are read and written.

All go through memory: OpenCV itself opens no path with other than ASCII letters on Windows.
A file is what its first bytes say, whatever its name, and only the formats of `STARTS` are decoded.
OpenCV would try many more; its decoder of JPEG 2000 has no switch, and in the releases that
MediaPipe allows it can be made to write out of bounds (CVE-2025-53644).
"""

import re
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError
from dfmamba.picture_size import stated_size

Picture: TypeAlias = NDArray[np.uint8]
"""RGB (H, W, 3)."""
AnyDepth: TypeAlias = NDArray[np.integer[Any] | np.floating[Any]]
"""RGB (H, W, 3), bytes, 16 bits or floats."""

STARTS = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "BMP": rb"BM",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "WebP": rb"RIFF....WEBP",
    "Radiance HDR": rb"#\?(RADIANCE|RGBE)",
}
"""The formats that are read, and regular expressions of the bytes that their files start with."""
_START = re.compile(b"|".join(STARTS.values()), re.DOTALL)

MOST_PIXELS, MOST_BYTES = 1 << 28, 1 << 30
"""Larger pictures, and files, are not decoded: 268 million pixels are more than cameras have."""
DEPTH_BELOW = 10_000
"""A grey picture of 16 bits whose values, but for one in a hundred, are below this holds depth: ten
metres in millimetres. As a picture it would be black, with no value above 39 of 255."""


def read_picture(path: Path) -> Picture:
    """An RGB picture (H, W, 3), turned upright as its EXIF data says.

    Raises:
        UserError: it cannot be read, is too large, or holds depth.
    """
    picture = picture_or_none(path)
    if picture is None:
        raise UserError(f"{path} is not a picture; remove it or give another folder")
    return picture


def picture_or_none(path: Path) -> Picture | None:
    """As `read_picture`, but None where it is no picture.

    Raises:
        UserError: it is too large, or holds depth.
    """
    data = _content(path)
    picture = None if data is None else _decoded(data, cv2.IMREAD_COLOR)
    if data is None or picture is None:
        return None
    if _holds_depth(data):
        raise UserError(
            f"{path} is a depth picture: 16 bits, nearly all below {DEPTH_BELOW}; give the colour "
            "picture of that camera, or stretch the values if it is a photograph"
        )
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def read_texture(path: Path) -> AnyDepth:
    """RGB (H, W, 3) with the values and the orientation that are stored; .hdr gives floats.

    Raises:
        UserError: it cannot be read, or is too large.
    """
    as_stored = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
    data = _content(path)
    picture = None if data is None else _decoded(data, as_stored)
    if picture is None:
        raise UserError(f"cannot read {path}; is the file damaged?")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def read_depth_picture(path: Path) -> NDArray[np.uint16]:
    """The units (H, W) that a depth camera stored; 0 where nothing was measured.

    Raises:
        UserError: it is no grey picture of 16 bits, or too large.
    """
    data = _content(path)
    units = None if data is None else _decoded(data, cv2.IMREAD_UNCHANGED)
    if units is None or units.dtype != np.uint16 or units.ndim != 2:
        raise UserError(f"{path} is no depth picture (16 bits, grey); remove it")
    return np.asarray(units, np.uint16)


def write_picture(picture: Picture, path: Path) -> None:
    """Store an RGB picture (H, W, 3), as PNG where the name ends in .png.

    Raises:
        UserError: its name or place is none for a picture.
    """
    try:
        fine, data = cv2.imencode(path.suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        path.parent.mkdir(parents=True, exist_ok=True)
        if fine:
            path.write_bytes(data.tobytes())
            return
    except (cv2.error, OSError):  # a name of another kind, or a place that is taken
        pass
    raise UserError(f"{path} cannot be written; give another place, and a name ending in .png")


def _content(path: Path) -> bytes | None:
    """A picture file, of a format and a size that may be decoded; None where it is none."""
    try:
        if not path.is_file():  # a pipe would be waited for, a device be read without end
            return None
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path} is too large for a picture; give a smaller one")
        data = path.read_bytes()
    except OSError:
        return None
    size = stated_size(data) if _START.match(data) else None
    if size is None:
        return None
    if size[0] * size[1] > MOST_PIXELS:
        most = f"{MOST_PIXELS // 10**6} million pixels at most"
        raise UserError(f"{path} says that it is {size[0]} x {size[1]} large; give one of {most}")
    return data


def _decoded(data: bytes, flags: int) -> AnyDepth | None:
    """What OpenCV reads, blue first; None where it cannot."""
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None


def _holds_depth(data: bytes) -> bool:
    """Whether it is depth: see `DEPTH_BELOW`. What was not measured is 0 or the largest value."""
    grey_png = data.startswith(b"\x89PNG") and data[24:26] == b"\x10\0"
    if not (grey_png or data.startswith((b"II", b"MM"))):
        return False
    units = _decoded(data, cv2.IMREAD_UNCHANGED)
    if units is None or units.dtype != np.uint16 or units.ndim != 2:
        return False
    measured = units[(units > 0) & (units < np.iinfo(np.uint16).max)]
    return measured.size > 0 and bool(np.percentile(measured, 99) < DEPTH_BELOW)


def reduced(picture: Picture, longest: int) -> Picture:
    """The picture (H, W, 3), its longer side made `longest` pixels long if it is longer."""
    height, width = picture.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return picture
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
