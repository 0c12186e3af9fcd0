"""Frames of video files, upright, with their times."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError
from dfmamba.frame import Frame

FILES_ONLY = {"protocol_whitelist": "file", "m3u8_hold_counters": "0"}
"""libav's options: a playlist must not lead to the network, nor be waited for as if it grew."""


def video_frames(path: Path | str) -> Iterator[Frame]:
    """The frames of a video file in their order, upright.

    Raises:
        UserError: it is not there or cannot be read.
    """
    if not Path(path).exists():
        raise UserError(f"there is no file {path}; check its name")
    unreadable = UserError(f"{path} cannot be read as a video; give another one")
    try:
        with av.open(str(path), options=FILES_ONLY) as container:
            frame = None
            for index, frame in enumerate(container.decode(video=0)):
                yield Frame(upright(frame), float(frame.time or 0.0), index=index)
    except (OSError, IndexError, av.FFmpegError) as error:
        raise unreadable from error
    if frame is None:
        raise unreadable


def upright(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """RGB (H, W, 3), turned as the file says: as the phone was held."""
    image = frame.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(image, round(frame.rotation / 90)), np.uint8)
