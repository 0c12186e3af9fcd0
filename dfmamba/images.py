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


def read_picture(path: Path) -> Picture:
    """An RGB picture (H, W, 3), turned upright as its EXIF data says.

    Raises:
        UserError: it cannot be read.
    """
    picture = picture_or_none(path)
    if picture is None:
        raise UserError(f"{path} is not a picture; remove it or give another folder")
    return picture


def picture_or_none(path: Path) -> Picture | None:
    """As `read_picture`, but None where it cannot be read."""
    picture = _decoded(path, cv2.IMREAD_COLOR)
    return None if picture is None else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def read_texture(path: Path) -> AnyDepth:
    """RGB (H, W, 3) with the values and the orientation that are stored; .hdr gives floats.

    Raises:
        UserError: it cannot be read.
    """
    as_stored = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
    picture = _decoded(path, as_stored)
    if picture is None:
        raise UserError(f"cannot read {path}; is the file damaged?")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def read_depth_picture(path: Path) -> NDArray[np.uint16]:
    """The units (H, W) that a depth camera stored; 0 where nothing was measured.

    Raises:
        UserError: it is no grey picture of 16 bits.
    """
    units = _decoded(path, cv2.IMREAD_UNCHANGED)
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


def _decoded(path: Path, flags: int) -> AnyDepth | None:
    """What OpenCV reads from a file, blue first; None where it cannot."""
    try:
        data = path.read_bytes()
        return cv2.imdecode(np.frombuffer(data, np.uint8), flags) if _START.match(data) else None
    except (OSError, cv2.error):
        return None
