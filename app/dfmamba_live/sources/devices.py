"""Which cameras there are, by the numbers that OpenCV knows them by, without starting one."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from dfmamba_live.sources import v4l2

LISTED = Path("/sys/class/video4linux")
NODES = Path("/dev")
BACKEND = {
    "linux": cv2.CAP_V4L2,
    "win32": cv2.CAP_DSHOW,
    "darwin": cv2.CAP_AVFOUNDATION,
}.get(sys.platform, cv2.CAP_ANY)
"""Of OpenCV's ways to a camera the one whose numbers are used here."""


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
"""What to ask a camera for that does not tell what it can; it gives what comes nearest."""
SMALLEST, USUAL_RATE = 240, 30.0
"""Lower pictures are of no use for hands; faster ones are offered at this rate too."""


@dataclass(frozen=True)
class Camera:
    """A camera. index: OpenCV's number. name: what its maker calls it, empty where unknown.

    modes: what it offers, as far as it tells.
    """

    index: int
    name: str = ""
    modes: tuple[Mode, ...] = field(default=MODES, compare=False)

    def __str__(self) -> str:
        """For people."""
        return f"{self.name} (camera {self.index})" if self.name else f"camera {self.index}"


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
