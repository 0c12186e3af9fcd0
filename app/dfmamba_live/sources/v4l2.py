"""What a camera of Linux says of itself, asked of its driver; the numbers are videodev2.h's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import Struct
from typing import Any

MOST = 64
"""So many answers of one kind are listened to: a broken driver may never end."""

_QUERYCAP, _CAPABILITIES = 0x80685600, Struct("=84xII12x")
_ENUM_FRAMESIZES, _FRAMESIZE = 0xC02C564A, Struct("=5I24x")
_ENUM_FRAMEINTERVALS, _FRAMEINTERVAL = 0xC034564B, Struct("=7I24x")
_VIDEO_CAPTURE = 0x00000001 | 0x00001000
_OF_THIS_NODE = 0x80000000
_FORMATS = 0x47504A4D, 0x56595559  # MJPG, which is asked for, else YUYV
_DISCRETE = 1


def captures(node: Path) -> bool | None:
    """Whether a node gives pictures: most cameras have another one, for metadata. None: unknown."""
    with _opened(node) as file:
        told = _ask(file, _QUERYCAP, _CAPABILITIES, 0, 0)
    if told is None:
        return None
    device, this_node = told
    return bool((this_node if device & _OF_THIS_NODE else device) & _VIDEO_CAPTURE)


def sizes_and_rates(node: Path) -> list[tuple[tuple[int, int], list[float]]]:
    """Width and height in px, and the frames a second that each comes at; empty where unknown."""
    with _opened(node) as file:
        for pixels in _FORMATS:
            found = [
                ((width, height), _rates(file, pixels, width, height))
                for _, _, kind, width, height in _each(file, _ENUM_FRAMESIZES, _FRAMESIZE, pixels)
                if kind == _DISCRETE
            ]
            if found:
                return found
    return []


def _rates(file: int | None, pixels: int, width: int, height: int) -> list[float]:
    told = _each(file, _ENUM_FRAMEINTERVALS, _FRAMEINTERVAL, pixels, width, height)
    return [below / above for *_, kind, above, below in told if kind == _DISCRETE and above]


def _each(file: int | None, request: int, layout: Struct, *of: int) -> Iterator[tuple[Any, ...]]:
    """The answers to one question after the other, until the driver knows no more."""
    numbers = len(layout.unpack(bytes(layout.size)))
    for index in range(MOST):
        asked = (index, *of)
        told = _ask(file, request, layout, *asked, *[0] * (numbers - len(asked)))
        if told is None:
            return
        yield told


def _ask(file: int | None, request: int, layout: Struct, *numbers: int) -> tuple[Any, ...] | None:
    import fcntl  # not on Windows

    if file is None:
        return None
    buffer = bytearray(layout.pack(*numbers))
    try:
        fcntl.ioctl(file, request, buffer)
    except OSError:
        return None
    return layout.unpack(buffer)


@contextmanager
def _opened(node: Path) -> Iterator[int | None]:
    """The node's file number; None where it cannot be opened, as without permission."""
    try:
        file = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        yield None
        return
    try:
        yield file
    finally:
        os.close(file)
