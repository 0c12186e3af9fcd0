"""Which cameras there are, by the numbers that OpenCV knows them by, without starting one."""

import sys
from pathlib import Path

import cv2

from dfmamba_live.camera import AS_IT_LIKES, MODES, USUAL_RATE, Camera, Mode
from dfmamba_live.sources import v4l2

LISTED = Path("/sys/class/video4linux")
NODES = Path("/dev")
BACKEND = {
    "linux": cv2.CAP_V4L2,
    "win32": cv2.CAP_DSHOW,
    "darwin": cv2.CAP_AVFOUNDATION,
}.get(sys.platform, cv2.CAP_ANY)
"""Of OpenCV's ways to a camera the one whose numbers are used here."""
SMALLEST = 240
"""Lower pictures are of no use for hands."""


def cameras() -> list[Camera]:
    """The cameras in the order of their numbers; call it off the main thread, drivers may hang."""
    if sys.platform != "linux":
        from cv2_enumerate_cameras import enumerate_cameras

        found = [Camera(each.index, each.name) for each in enumerate_cameras(BACKEND)]
        return sorted(found, key=lambda each: each.index)
    numbers = {
        int(entry.name.removeprefix("video")): entry
        for entry in (LISTED.iterdir() if LISTED.is_dir() else ())
        if entry.name.removeprefix("video").isdecimal()
    }
    return [
        Camera(number, _text(entry / "name"), _modes(NODES / entry.name))
        for number, entry in sorted(numbers.items())
        if _captures(entry)
    ]


def _captures(entry: Path) -> bool:
    told = v4l2.captures(NODES / entry.name)
    # A driver that does not answer: of a camera's nodes the first one gives pictures.
    return _text(entry / "index") == "0" if told is None else told


def _modes(node: Path) -> tuple[Mode, ...]:
    """The sizes of a camera, largest first, each at its highest rate and at the usual one."""
    found = [AS_IT_LIKES]
    for size, rates in sorted(v4l2.sizes_and_rates(node), reverse=True):
        if size[1] >= SMALLEST:
            offered = (
                sorted({max(rates), USUAL_RATE} & set(rates), reverse=True) if rates else [None]
            )
            found += [Mode(size, rate) for rate in offered]
    return tuple(dict.fromkeys(found)) if found[1:] else MODES


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
