"""What every source of frames offers."""

from pathlib import Path
from typing import Literal, Protocol

from dfmamba.errors import UserError
from dfmamba.frame import Frame

Kind = Literal["camera", "video", "images", "recorded", "simulated"]


class SourceAway(UserError):  # noqa: N818 (it is a state, and passes)
    """A source that is gone for now, as a camera that was unplugged: reading on waits for it."""


class Source(Protocol):
    """A stream of frames, read by one thread at a time.

    name: for people. live: frames come whether they are read or not. frame_count: None where
    unknown; a damaged file may give fewer. rate: frames a second, nominal.
    """

    name: str
    kind: Kind
    live: bool
    frame_count: int | None
    rate: float

    @property
    def path(self) -> Path | None:
        """The file or folder; None for what only comes once, as from a camera."""

    def read(self) -> Frame | None:
        """The next frame, of a live source the newest one; None at the end.

        Raises:
            SourceAway: there is none for now; said at once, then about twice a second.
            UserError: the source has stopped working.
        """

    def close(self) -> None:
        """Let go of the device or file; more than once does no harm."""
