"""How large a picture says that it is, by its first bytes: a small file may unpack to gigabytes."""

import re
from itertools import islice
from struct import error as TooShort
from struct import unpack_from

Size = tuple[int, int]
"""Width and height."""

_JPEG_ALONE = {0x01, *range(0xD0, 0xD9)}
"""Markers without content."""
_JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_MOST_TAGS = 256, 257, 4096
_TIFF_TYPES = {3: "H", 4: "I", 16: "Q"}


def stated_size(data: bytes) -> Size | None:
    """That of a PNG, JPEG, BMP, TIFF, WebP or Radiance HDR picture; None where it says none."""
    try:
        for start, read in (
            (b"\x89PNG", _png),
            (b"\xff\xd8", _jpeg),
            (b"BM", _bmp),
            (b"II", _tiff),
            (b"MM", _tiff),
            (b"RIFF", _webp),
            (b"#?", _radiance),
        ):
            if data.startswith(start):
                return read(data)
    except (TooShort, OverflowError):
        pass
    return None


def _png(data: bytes) -> Size:
    width, height = unpack_from(">II", data, 16)
    return width, height


def _jpeg(data: bytes) -> Size | None:
    at = 2
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            return None
        (marker,) = unpack_from("B", data, at + 1)
        if marker in _JPEG_FRAMES:
            height, width = unpack_from(">HH", data, at + 5)
            return width, height
        if marker in (0x00, 0xFF) or marker in _JPEG_ALONE:
            at += 1
        else:
            at += 2 + max(unpack_from(">H", data, at + 2)[0], 2)


def _bmp(data: bytes) -> Size:
    (header,) = unpack_from("<I", data, 14)
    width, height = unpack_from("<HH" if header == 12 else "<ii", data, 18)
    return abs(width), abs(height)  # a negative height: from the top


def _webp(data: bytes) -> Size | None:
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        low, high, lower, higher = unpack_from("<HBHB", data, 24)
        return (low | high << 16) + 1, (lower | higher << 16) + 1
    return None


def _tiff(data: bytes) -> Size | None:
    order = "<" if data[:2] == b"II" else ">"
    big = unpack_from(f"{order}H", data, 2)[0] == 43
    count_type, entry, value_at = ("Q", 20, 12) if big else ("H", 12, 8)
    (at,) = unpack_from(f"{order}{'Q' if big else 'I'}", data, 8 if big else 4)
    (count,) = unpack_from(f"{order}{count_type}", data, at)
    first = at + (8 if big else 2)
    found: dict[int, int] = {}
    for place in islice(range(first, first + count * entry, entry), _TIFF_MOST_TAGS):
        tag, kind = unpack_from(f"{order}HH", data, place)
        if tag in (_TIFF_WIDTH, _TIFF_HEIGHT) and kind in _TIFF_TYPES:
            (found[tag],) = unpack_from(f"{order}{_TIFF_TYPES[kind]}", data, place + value_at)
    if len(found) < 2:
        return None
    return found[_TIFF_WIDTH], found[_TIFF_HEIGHT]


def _radiance(data: bytes) -> Size | None:
    found = re.search(rb"\n[-+]Y +(\d{1,9}) +[-+]X +(\d{1,9})\s", data[: 1 << 16])
    return (int(found[2]), int(found[1])) if found else None
