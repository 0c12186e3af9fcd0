"""A recording on disk, as `dfmamba_live.recording.Recorder` writes it, played or looked up.

It is a folder: `recording.json` says what was recorded and how, `frames.mkv` holds the pictures as
JPEG, `frames.jsonl` a line for each of them: its exact time, the hands found then, the camera's
intrinsics [fx, fy, cx, cy] where they are known, and `depth_unit_mm` for a frame with depth, whose
values `depth.mkv` holds, 16 bit and lossless. All but the first only ever grow, so that whatever
ends a recording leaves a whole one, up to then.
"""

import json
import logging
from bisect import bisect_left
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

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
SCHEMA = 1
"""Of recordings and exports; see `dfmamba_live.recording.records`."""
LARGEST = 1e8
"""No number of a line is larger: three years in seconds."""

log = logging.getLogger(__name__)


def _number(value: object) -> float:
    """A number that can be worked with; TypeError, ValueError or OverflowError for another."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    if not abs(value) <= LARGEST:
        raise ValueError("a number that is none, or too large")
    return float(value)


@dataclass(frozen=True)
class Line:
    """What a recording says of a frame, checked."""

    picture: int
    """Its place in the film."""
    time_s: float
    """Seconds from the first frame on."""
    camera: Intrinsics | None
    depth_unit_mm: float | None
    """Of one step of its depth picture; None where it has none."""
    damaged: bool
    """Whether its source gave it as damaged."""

    @classmethod
    def parse(cls, text: bytes, picture: int) -> "Line | None":
        """Read a line; None where it is damaged."""
        try:
            said = json.loads(text)
            time_s = _number(said["time_s"])
            intrinsics, unit = said.get("intrinsics"), said.get("depth_unit_mm")
            camera = None if intrinsics is None else Intrinsics(*map(_number, intrinsics))
            unit_mm = None if unit is None else _number(unit)
            damaged = said.get("damaged") is True
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
        ):
            return None
        positive = (camera.fx, camera.fy) if camera else ()
        if not all(each > 0 for each in (*positive, 1.0 if unit_mm is None else unit_mm)):
            return None
        return cls(picture, time_s, camera, unit_mm, damaged)


def is_recording(path: Path) -> bool:
    """Whether a folder holds a recording."""
    return (path / HEAD).is_file()


class RecordingReader:
    """The frames of a recording by index, with their exact times.

    complaint: what of it could not be read, for people; None where all could.
    """

    def __init__(self, path: Path) -> None:
        """Open a recording.

        Raises:
            UserError: it holds no frame that can be read, or is a newer version's.
        """
        head = _head_complaint(path)
        lines, left_out = _read_lines(path)
        self.name = path.resolve().name
        self.complaint = "; ".join(filter(None, (head, left_out))) or None
        self._video = VideoReader(path / PICTURES)
        self._lines = [line for line in lines if line.picture < len(self._video)]
        with_depth = [line for line in self._lines if line.depth_unit_mm]
        self._depths = VideoReader(path / DEPTHS) if with_depth else None
        if self._depths is not None and len(self._depths) < len(with_depth):
            first_without = with_depth[len(self._depths)]
            self._lines = self._lines[: self._lines.index(first_without)]
        self._depth_at = [line.picture for line in with_depth]
        self.times_s = np.array([line.time_s for line in self._lines], np.float64)
        if not len(self):
            raise UserError(f"the recording {path} holds no whole frame")

    def __len__(self) -> int:
        """The number of frames."""
        return len(self._lines)

    def read(self, index: int) -> Frame:
        """The frame of an index, 0-based; without its depth where that cannot be read."""
        if not 0 <= index < len(self):
            raise IndexError(f"{self.name} has {len(self)} frames, none has the index {index}")
        line = self._lines[index]
        frame = self._video.read(line.picture)
        depth, damaged = self._depth(line, frame), frame.damaged or line.damaged
        return replace(
            frame,
            index=index,
            time_s=line.time_s,
            camera=line.camera,
            depth=depth,
            damaged=damaged or (depth is None and line.depth_unit_mm is not None),
        )

    def close(self) -> None:
        """Close its files."""
        self._video.close()
        if self._depths is not None:
            self._depths.close()

    def _depth(self, line: Line, frame: Frame) -> Depth | None:
        if self._depths is None or line.depth_unit_mm is None:
            return None
        try:
            decoded = self._depths.decoded(bisect_left(self._depth_at, line.picture))
        except UserError as error:
            log.warning("%s", error)
            return None
        values = np.asarray(decoded.frame.to_ndarray(), np.uint16)
        if decoded.damaged or values.shape != frame.image.shape[:2]:
            return None
        return Depth(values, line.depth_unit_mm)


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
        if self._reader.complaint:
            log.warning("%s", self._reader.complaint)
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


def _head_complaint(path: Path) -> str | None:
    try:
        schema = json.loads((path / HEAD).read_bytes())["schema"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        schema = None
    if isinstance(schema, int) and schema > SCHEMA:
        raise UserError(f"the recording {path} is a newer version's; get that to open it")
    return None if schema == SCHEMA else f"{path / HEAD} is damaged; the frames are played"


def _read_lines(path: Path) -> tuple[list[Line], str | None]:
    """The lines that can be read, and what to tell of others."""
    try:
        data = (path / LINES).read_bytes()
    except OSError as error:
        raise UserError(f"the recording {path} cannot be read; {LINES} is broken") from error
    # What was cut off while it was written has no end of line.
    texts = [text for text in data.split(b"\n")[:-1] if text.strip()]
    lines: list[Line] = []
    for picture, text in enumerate(texts):
        line = Line.parse(text, picture)
        if line is not None and (not lines or line.time_s >= lines[-1].time_s):
            lines.append(line)
        elif any(each.depth_unit_mm for each in lines):
            # Nobody knows whether it has a depth picture: those behind it may be one off.
            told = f"{path / LINES} is damaged; the recording ends after {len(lines)} frames"
            return lines, told
    lost = len(texts) - len(lines)
    return (
        lines,
        f"{path / LINES} is damaged; {lost} of {len(texts)} frames are left out" if lost else None,
    )
