"""Frames of a video file with their times."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError


def video_frames(path: Path) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Times, s, and RGB frames (H, W, 3); UserError where it cannot be read."""
    unreadable = UserError(f"{path} cannot be read as a video; give another one")
    try:
        with av.open(str(path)) as container:
            frame = None
            for frame in container.decode(video=0):
                yield float(frame.time or 0.0), np.asarray(frame.to_ndarray(format="rgb24"))
    except (OSError, IndexError, av.FFmpegError) as error:
        raise unreadable from error
    if frame is None:
        raise unreadable
