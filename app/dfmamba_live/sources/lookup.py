"""Any frame of a file by its index, for going back and forth; numbers and times as when played."""

from bisect import bisect_right
from collections import OrderedDict
from math import inf
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba.video import Decoded, Film, unreadable
from dfmamba_live.sources.images import RATE as PICTURE_RATE
from dfmamba_live.sources.images import list_pictures, picture_frame

KEPT_BYTES = 64 << 20
"""Decoded frames that are kept, so that stepping back need not decode each time."""
NEAR = 8
"""So many frames ahead are reached sooner by decoding on than by a jump."""


class FrameReader(Protocol):
    """The frames of a video, a folder or a recording, by index; used by one thread at a time.

    name: for people. times_s (N,): seconds of each frame from the first one on, growing.
    """

    name: str
    times_s: NDArray[np.float64]

    def __len__(self) -> int:
        """The number of frames."""

    def read(self, index: int) -> Frame:
        """The frame of an index, 0-based.

        Raises:
            IndexError: there is no such frame.
            UserError: the file is damaged there.
        """

    def close(self) -> None:
        """Let go of the file."""


class VideoReader:
    """A video: it jumps to the last key frame before the wanted one and decodes from there."""

    def __init__(self, path: Path) -> None:
        """Find all frames; it reads the whole file and decodes nothing.

        Raises:
            UserError: it is no video, or its frames carry no times.
        """
        self.name = path.name
        self._path = path
        self._film = Film(path)
        found, self._keys = self._film.stamps()
        if not found:
            raise unreadable(path)
        self._stamps = sorted(each for each in found if each is not None)
        self._index = {stamp: index for index, stamp in enumerate(self._stamps)}
        if len(self._index) < len(found):
            raise UserError(f"{path} has frames without a time of their own; convert it to .mp4")
        since_first = np.array(self._stamps, np.float64) - self._stamps[0]
        self.times_s = since_first * float(self._film.time_base)
        self._kept: OrderedDict[int, Decoded] = OrderedDict()
        self._start_again()

    def __len__(self) -> int:
        """The number of frames."""
        return len(self._stamps)

    def read(self, index: int) -> Frame:
        """The frame of an index, 0-based; neighbours come quickly, forwards and backwards."""
        decoded = self.decoded(index)
        time_s = float(self.times_s[index])
        return Frame(self._film.shown(decoded), time_s, index=index, damaged=decoded.damaged)

    def decoded(self, index: int) -> Decoded:
        """The same as libav stores it; errors as of `read`."""
        if not 0 <= index < len(self):
            raise IndexError(f"{self.name} has {len(self)} frames, none has the index {index}")
        frame = self._kept.get(index) or self._find(index)
        if frame is None:
            raise UserError(f"frame {index} of {self.name} cannot be read: the file is damaged")
        return frame

    def close(self) -> None:
        """Close the file."""
        self._kept.clear()
        self._film.close()

    def _find(self, index: int) -> Decoded | None:
        before = bisect_right(self._keys, self._stamps[index]) - 1
        key = self._keys[before] if before >= 0 else self._stamps[0]
        ahead = index - self._at
        if 0 < ahead <= NEAR or (ahead > 0 and self._stamps[max(self._at, 0)] >= key):
            self._decode_to(index)
        else:
            self._jump(key)
            if self._decode_to(index) > index:  # some formats land behind what was asked for
                self._start_again()
                self._decode_to(index)
        return self._kept.get(index)

    def _start_again(self) -> None:
        self._film.close()
        self._film = Film(self._path)
        self._playing = self._film.decode()
        self._from = self._stamps[0]
        self._at = -1

    def _jump(self, stamp: int) -> None:
        if not self._film.seek(stamp):
            self._start_again()
            return
        self._playing = self._film.decode()
        self._from = stamp
        self._at = -1

    def _decode_to(self, wanted: int) -> float:
        """Decode until a frame is there, or passed; the index of the first one that came."""
        first = inf
        for decoded in self._playing:
            stamp = decoded.frame.pts
            index = self._index.get(stamp) if stamp is not None else None
            # What comes before a key frame after a jump may lean on frames that were jumped over.
            if index is None or self._stamps[index] < self._from:
                continue
            first = min(first, index)
            self._at = index
            self._keep(index, decoded)
            if index >= wanted:
                break
        return first

    def _keep(self, index: int, decoded: Decoded) -> None:
        self._kept[index] = decoded
        self._kept.move_to_end(index)
        size = sum(plane.buffer_size for plane in decoded.frame.planes)
        while len(self._kept) > max(KEPT_BYTES // size, NEAR):
            self._kept.popitem(last=False)


class PictureReader:
    """The pictures of a folder, or one."""

    def __init__(self, path: Path) -> None:
        """List the pictures.

        Raises:
            UserError: there is none.
        """
        self.name = path.resolve().name
        self._files = list_pictures(path)
        self.times_s = np.arange(len(self._files)) / PICTURE_RATE

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self._files)

    def read(self, index: int) -> Frame:
        """The picture of an index, 0-based."""
        if not 0 <= index < len(self):
            raise IndexError(f"{self.name} has {len(self)} pictures, none has the index {index}")
        file = self._files[index]
        frame = picture_frame(file, index, float(self.times_s[index]))
        if frame is None:
            raise UserError(f"{file} cannot be read")
        return frame

    def close(self) -> None:
        """Nothing is held open."""
