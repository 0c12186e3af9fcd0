"""A recording on disk, as `dfmamba_live.recording.Recorder` writes it, played or looked up.

It is a folder: `recording.json` says what was recorded and how, `frames.mkv` holds the pictures as
JPEG, `frames.jsonl` a line for each of them: its exact time, the hands found then, the camera's
intrinsics [fx, fy, cx, cy] where they are known, and `depth_unit_mm` for a frame with depth, whose
values `depth.mkv` holds, 16 bit and lossless. All but the first only ever grow, so that whatever
ends a recording leaves a whole one, up to then.
"""

import json
from bisect import bisect_left
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from dfmamba.camera import Intrinsics
from dfmamba.errors import UserError
from dfmamba.frame import Depth, Frame
from dfmamba.video import USUAL_RATE
from dfmamba_live.sources.base import Kind
from dfmamba_live.sources.lookup import VideoReader

HEAD, PICTURES, DEPTHS, LINES = "recording.json", "frames.mkv", "depth.mkv", "frames.jsonl"
DEPTH_PIXELS = "gray16le"
"""libav's name of one channel of 16 bits."""


def is_recording(path: Path) -> bool:
    """Whether a folder holds a recording."""
    return (path / HEAD).is_file()


class RecordingReader:
    """The frames of a recording by index, with their exact times."""

    def __init__(self, path: Path) -> None:
        """Open a recording.

        Raises:
            UserError: it holds no frame that can be read.
        """
        try:
            self._lines = _whole_lines((path / LINES).read_bytes())
            times = [float(line["time_s"]) for line in self._lines]
            units = [line.get("depth_unit_mm") for line in self._lines]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UserError(f"the recording {path} cannot be read; {LINES} is broken") from error
        self.name = path.resolve().name
        self._video = VideoReader(path / PICTURES)
        self._depths = VideoReader(path / DEPTHS) if any(units) else None
        self._depth_at = [index for index, unit in enumerate(units) if unit]
        whole = len(self._video)
        if self._depths is not None and len(self._depths) < len(self._depth_at):
            whole = min(whole, self._depth_at[len(self._depths)])
        self.times_s = np.array(times[:whole], np.float64)
        if not len(self):
            raise UserError(f"the recording {path} holds no whole frame")

    def __len__(self) -> int:
        """The number of frames."""
        return len(self.times_s)

    def read(self, index: int) -> Frame:
        """The frame of an index, 0-based."""
        if not 0 <= index < len(self):
            raise IndexError(f"{self.name} has {len(self)} frames, none has the index {index}")
        camera = self._lines[index].get("intrinsics")
        return replace(
            self._video.read(index),
            time_s=float(self.times_s[index]),
            camera=Intrinsics(*camera) if camera else None,
            depth=self._depth(index),
        )

    def close(self) -> None:
        """Close its files."""
        self._video.close()
        if self._depths is not None:
            self._depths.close()

    def _depth(self, index: int) -> Depth | None:
        unit_mm = self._lines[index].get("depth_unit_mm")
        if self._depths is None or not unit_mm:
            return None
        values = self._depths.decoded(bisect_left(self._depth_at, index)).frame.to_ndarray()
        return Depth(np.asarray(values, np.uint16), float(unit_mm))


class Recorded:
    """Plays a recording; with `loop` again and again, in growing time."""

    kind: Kind = "recorded"
    live = False

    def __init__(self, path: Path, loop: bool = False) -> None:
        """Open a recording.

        Raises:
            UserError: it holds no frame that can be read.
        """
        self._reader = RecordingReader(path)
        self.name, self.path = self._reader.name, path
        self.frame_count: int | None = len(self._reader)
        steps = np.diff(self._reader.times_s)
        self.rate = 1 / max(float(np.median(steps)), 1e-3) if len(steps) else USUAL_RATE
        self._loop = loop
        self._index = 0
        self._start_s = 0.0
        self._open = True

    def read(self) -> Frame | None:
        """The next frame, None at the end."""
        if self._open and self._index == len(self._reader) and self._loop:
            self._start_s += float(self._reader.times_s[-1]) + 1 / self.rate
            self._index = 0
        if not self._open or self._index == len(self._reader):
            return None
        frame = self._reader.read(self._index)
        self._index += 1
        return replace(frame, time_s=self._start_s + frame.time_s, captured=perf_counter())

    def close(self) -> None:
        """Close its files."""
        self._open = False
        self._reader.close()


def _whole_lines(data: bytes) -> list[dict[str, Any]]:
    # What was cut off while it was written has no end of line.
    return [json.loads(line) for line in data.split(b"\n")[:-1]]
