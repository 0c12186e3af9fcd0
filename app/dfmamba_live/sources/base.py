"""What every source of frames offers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import Intrinsics
from dfmamba.errors import UserError

Kind = Literal["camera", "video", "images", "recorded", "simulated"]


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source.

    image: RGB uint8 (H, W, 3), unmirrored. index: from 0; a camera counts the frames that nobody
    took too. time_s: on the source's own clock, 0 at its start, growing from frame to frame.
    captured: `time.perf_counter()` when the frame came. file: the picture's name in its folder.
    intrinsics: where the camera tells them. depth_mm: float32 (H, W), pixel for pixel that of
    `image`, along the z axis, 0 where unknown.
    """

    image: NDArray[np.uint8]
    index: int
    time_s: float
    captured: float
    file: str | None = None
    intrinsics: Intrinsics | None = None
    depth_mm: NDArray[np.float32] | None = None

    def camera(self, fov_deg: float) -> Intrinsics:
        """The camera's own intrinsics, or those assumed for a field of view."""
        height, width = self.image.shape[:2]
        return self.intrinsics or Intrinsics.assumed(width, height, fov_deg)


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
