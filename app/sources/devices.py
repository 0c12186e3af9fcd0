"""Which cameras there are, by the numbers that OpenCV knows them by, without starting one."""

import os
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2

LISTED = Path("/sys/class/video4linux")
NODES = Path("/dev")
BACKEND = {
    "linux": cv2.CAP_V4L2,
    "win32": cv2.CAP_DSHOW,
    "darwin": cv2.CAP_AVFOUNDATION,
}.get(sys.platform, cv2.CAP_ANY)
"""Of OpenCV's ways to a camera the one whose numbers are used here."""

# linux/videodev2.h
_QUERYCAP = 0x80685600
_CAPABILITY_BYTES = 104
_CAPABILITIES = struct.Struct("=84xII12x")
_VIDEO_CAPTURE = 0x00000001 | 0x00001000
_OF_THIS_NODE = 0x80000000


@dataclass(frozen=True)
class Camera:
    """A camera. index: OpenCV's number. name: what its maker calls it, empty where unknown."""

    index: int
    name: str = ""

    def __str__(self) -> str:
        """For people."""
        return f"{self.name} (camera {self.index})" if self.name else f"camera {self.index}"


@dataclass(frozen=True)
class Mode:
    """What to ask a camera for; it gives what comes nearest. None: as it likes.

    size: width and height, px. rate: frames a second.
    """

    size: tuple[int, int] | None = None
    rate: float | None = None

    def __str__(self) -> str:
        """For people."""
        size = "{} × {}".format(*self.size) if self.size else ""
        rate = f"{self.rate:g} fps" if self.rate else ""
        return ", ".join(filter(None, (size, rate))) or "as the camera likes"


AS_IT_LIKES = Mode()
MODES = (
    AS_IT_LIKES,
    Mode((640, 480), 30),
    Mode((1280, 720), 30),
    Mode((1280, 720), 60),
    Mode((1920, 1080), 30),
)
"""What to offer; a camera that cannot do one gives what comes nearest."""


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
        Camera(number, _text(entry / "name"))
        for number, entry in sorted(numbers.items())
        if _captures(entry)
    ]


def camera_at(index: int) -> Camera:
    """The camera of a number, with its name if it is there."""
    return next((each for each in cameras() if each.index == index), Camera(index))


def find(camera: Camera) -> Camera | None:
    """Where a camera is now: plugged in again it may have another number. None: nowhere.

    Cameras are told apart by name, those of one name by number.
    """
    if not camera.name:
        return camera
    same = [each for each in cameras() if each.name == camera.name]
    return camera if camera in same else next(iter(same), None)


def _captures(entry: Path) -> bool:
    """Whether a node gives pictures; most cameras have a second one, for metadata."""
    import fcntl  # not on Windows

    answer = bytearray(_CAPABILITY_BYTES)
    try:
        node = os.open(NODES / entry.name, os.O_RDWR | os.O_NONBLOCK)
        try:
            fcntl.ioctl(node, _QUERYCAP, answer)
        finally:
            os.close(node)
    except OSError:  # no permission: of a camera's nodes the first one gives pictures
        return _text(entry / "index") == "0"
    device, this_node = _CAPABILITIES.unpack(answer)
    return bool((this_node if device & _OF_THIS_NODE else device) & _VIDEO_CAPTURE)


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
