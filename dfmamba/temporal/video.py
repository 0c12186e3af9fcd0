"""Frames of a video file with their times."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError

SUFFIXES = {".mp4", ".mov", ".mkv", ".avi", ".webm"}


def video_frames(path: Path) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Times, s, and RGB frames (H, W, 3); UserError where it cannot be read."""
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield float(frame.time or 0.0), np.asarray(frame.to_ndarray(format="rgb24"))
    except (OSError, IndexError, av.FFmpegError) as error:
        raise UserError(f"{path} cannot be read as a video; give another one") from error


def videos_in(folder: Path) -> list[Path]:
    """The videos of a folder in the order of their names; UserError where there are none."""
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise UserError(f"{folder} holds no video; give a folder with some")
    return found
