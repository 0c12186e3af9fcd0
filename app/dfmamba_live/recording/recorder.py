"""Recording to disk while everything else goes on; what it writes is told in `sources.recorded`."""

import json
import logging
import shutil
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import Condition, Thread
from typing import IO, Any, Self, cast

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from dfmamba.errors import UserError
from dfmamba.frame import Depth, Frame
from dfmamba.pose import HandPose
from dfmamba_live.recording.records import frame_record, head
from dfmamba_live.sources import Source
from dfmamba_live.sources.recorded import (
    DEPTH_PIXELS,
    DEPTHS,
    HEAD,
    LINES,
    PICTURES,
    RecordingReader,
)

WAITING = 30
"""So many frames may wait for the disk: about a second, and 80 MB of 1280 x 720."""
JPEG = [
    *(cv2.IMWRITE_JPEG_QUALITY, 95),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
]
MILLISECOND = Fraction(1, 1000)

log = logging.getLogger(__name__)


class Recorder:
    """Writes frames and hands into a new folder, in a thread of its own.

    written: frames on disk. dropped: frames that came faster than the disk took them.
    failure: why it had to give up, or None. Any thread may add; nobody may write to a frame's
    picture afterwards.
    """

    def __init__(
        self,
        folder: Path,
        source: Source,
        model: Mapping[str, str],
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Make the folder. `settings`: whatever the results depend on, as the field of view.

        Raises:
            UserError: the folder is there already or cannot be made.
        """
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise UserError(f"{folder} cannot be made: {error.strerror}") from error
        self.folder = folder
        self.written = self.dropped = 0
        self.failure: str | None = None
        self._about = source, dict(model), dict(settings or {})
        self._changed = Condition()
        self._waiting: deque[tuple[Frame, tuple[HandPose, ...]]] = deque()
        self._stopping = False
        self._thread = Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def add(self, frame: Frame, hands: Sequence[HandPose]) -> bool:
        """Hand over a frame; never waits. False where it is not recorded."""
        with self._changed:
            if self._stopping or self.failure:
                return False
            if len(self._waiting) >= WAITING:
                self.dropped += 1
                return False
            self._waiting.append((frame, tuple(hands)))
            self._changed.notify()
        return True

    def stop(self, timeout_s: float = 5.0) -> None:
        """Write what waits and close the files; without one frame nothing is left behind."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            self.failure = f"the disk of {self.folder} does not answer; what it took is kept"

    def __str__(self) -> str:
        """How it went, in one line for people."""
        dropped = f", {self.dropped} dropped: the disk is too slow" if self.dropped else ""
        frames = "1 frame" if self.written == 1 else f"{self.written} frames"
        return self.failure or f"{frames} recorded to {self.folder}{dropped}"

    def _run(self) -> None:
        try:
            self._write()
        except Exception as error:
            log.debug("the recorder stopped", exc_info=True)
            self.written = self._keep_readable()
            with self._changed:
                self.failure = (
                    f"recording to {self.folder} stopped after {self.written} frames: {error}"
                )
                self._waiting.clear()

    def _keep_readable(self) -> int:
        """How many frames can be read back; where none can, nothing is left behind."""
        try:
            with closing(RecordingReader(self.folder)) as reader:
                return len(reader)
        except UserError:
            shutil.rmtree(self.folder, ignore_errors=True)
            return 0

    def _write(self) -> None:
        item = self._next()
        if item is None:
            self.folder.rmdir()
            return
        first, _ = item
        about = json.dumps(head(*self._about, first), indent=1, allow_nan=False)
        (self.folder / HEAD).write_text(about, encoding="utf-8")
        with ExitStack() as files:
            lines = files.enter_context((self.folder / LINES).open("w", encoding="utf-8"))
            pictures = files.enter_context(_Pictures(self.folder / PICTURES, first.image))
            depths: _Depths | None = None
            while item is not None:
                frame, hands = item
                time_s = frame.time_s - first.time_s
                pictures.add(frame.image, time_s)
                if frame.depth is not None:
                    if depths is None:
                        depths = files.enter_context(_Depths(self.folder / DEPTHS, frame.depth))
                    depths.add(frame.depth, time_s)
                _write_line(lines, replace(frame, index=self.written, time_s=time_s), hands)
                self.written += 1
                item = self._next()

    def _next(self) -> tuple[Frame, tuple[HandPose, ...]] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping)
            return self._waiting.popleft() if self._waiting else None


def _write_line(lines: IO[str], frame: Frame, hands: Sequence[HandPose]) -> None:
    record = frame_record(frame, hands)
    if frame.camera is not None:
        camera = frame.camera
        record["intrinsics"] = [camera.fx, camera.fy, camera.cx, camera.cy]
    if frame.depth is not None:
        record["depth_unit_mm"] = frame.depth.unit_mm
    lines.write(json.dumps(record, allow_nan=False) + "\n")
    lines.flush()


class _Film:
    """A Matroska file that is readable up to its end at any time, each frame by itself."""

    def __init__(
        self, path: Path, codec: str, pixels: str, shape: tuple[int, ...], **options: str
    ) -> None:
        # A cluster is written as one piece: the shorter, the less a sudden end takes along.
        file_options = {"cluster_time_limit": "400", "flush_packets": "1"}
        self._container: OutputContainer = av.open(str(path.absolute()), "w", options=file_options)
        stream = cast(VideoStream, self._container.add_stream(codec, options=options))
        self._stream = stream
        stream.height, stream.width = shape[:2]
        stream.pix_fmt = pixels
        stream.time_base = stream.codec_context.time_base = MILLISECOND
        self._last = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def _put(self, packet: "av.Packet[Any]", time_s: float) -> None:
        self._last = max(round(1000 * time_s), self._last + 1)  # no two of the same time
        packet.stream, packet.time_base, packet.is_keyframe = self._stream, MILLISECOND, True
        packet.pts = packet.dts = self._last
        self._container.mux_one(packet)


class _Pictures(_Film):
    """The images, as JPEG."""

    def __init__(self, path: Path, first: NDArray[np.uint8]) -> None:
        super().__init__(path, "mjpeg", "yuvj444p", first.shape)

    def add(self, image: NDArray[np.uint8], time_s: float) -> None:
        fine, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), JPEG)
        if not fine:
            raise ValueError("a picture cannot be encoded")
        self._put(av.Packet(data.tobytes()), time_s)


class _Depths(_Film):
    """The depth pictures, 16 bit and lossless, as FFV1; all of one size."""

    def __init__(self, path: Path, first: Depth) -> None:
        super().__init__(path, "ffv1", DEPTH_PIXELS, first.values.shape, level="3", g="1")
        self._shape = first.values.shape

    def add(self, depth: Depth, time_s: float) -> None:
        if depth.values.shape != self._shape:
            raise ValueError(f"the depth changed its size from {self._shape}")
        frame = av.VideoFrame.from_ndarray(depth.values, format=DEPTH_PIXELS)
        for packet in self._stream.encode(frame):  # one: each frame is coded by itself, at once
            self._put(packet, time_s)
