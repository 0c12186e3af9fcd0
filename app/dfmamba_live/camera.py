"""A camera, and what it can be asked for."""

from dataclasses import dataclass, field

USUAL_RATE = 30.0
"""Frames a second of common cameras, which faster ones are offered at too."""


@dataclass(frozen=True)
class Mode:
    """What to ask a camera for; it gives what comes nearest. None: as it likes."""

    size: tuple[int, int] | None = None
    """Width and height, pixels."""
    rate: float | None = None
    """Frames a second."""

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
"""What to ask a camera for that does not tell what it can."""
WEBCAM = "webcam"
"""The driver of cameras through OpenCV."""


@dataclass(frozen=True)
class Camera:
    """A camera that is, or was, plugged in."""

    index: int
    """Its number, of those of its driver; plugged in again it may have another one."""
    name: str = ""
    """What its maker calls it, empty where unknown."""
    modes: tuple[Mode, ...] = field(default=MODES, compare=False)
    """What it offers, as far as it tells."""
    driver: str = WEBCAM
    """The name of its driver."""

    def __str__(self) -> str:
        """For people."""
        return f"{self.name} (camera {self.index})" if self.name else f"camera {self.index}"
