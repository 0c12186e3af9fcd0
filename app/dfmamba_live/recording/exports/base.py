"""What every export does: it grows beside its place, and takes it once it is whole."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import av

from dfmamba.errors import UserError
from dfmamba.files import create_new
from dfmamba.frame import Frame
from dfmamba.pose import HandPose
from dfmamba_live.recording.pieces import Pieces
from dfmamba_live.recording.records import head
from dfmamba_live.sources import Source

log = logging.getLogger(__name__)


FAILURES = (OSError, av.FFmpegError)
"""What a disk that is full, gone or forbidden raises."""


class Export(ABC):
    """An export under way. Closing it, after whatever end, keeps the frames that were added.

    Where the disk fails, the frames before are kept under another name: an older export gives way
    to a whole one only.
    """

    part: Path
    """The file that grows, beside its place."""

    def __init__(
        self, path: Path, source: Source, model: Mapping[str, str], settings: Mapping[str, Any]
    ) -> None:
        self._path = path
        self._about = source, model, settings
        self._count = 0
        self._begun = self._whole = self._closed = False
        try:
            self.part = create_new(path.with_name(f"{path.name}.part"))
        except OSError as error:
            raise self._failure(error) from error

    def add(self, frame: Frame, hands: Sequence[HandPose]) -> None:
        """One more frame and its hands.

        Raises:
            UserError: it cannot be written; the frames before are kept under another name.
        """
        try:
            self._begin(frame)
            self.write(frame, hands)
        except FAILURES as error:
            raise self._give_up(error) from error
        self._count += 1

    def close(self) -> None:
        """Finish the file and put it into its place; more than once does no harm.

        Raises:
            UserError: it cannot be written; what can be kept is, under another name.
        """
        if self._closed:
            return
        try:
            self._begin(None)
            self.finish()
            self.release()
            self._whole = True
            self.part.replace(self._path)
            log.info("%d frames written to %s", self._count, self._path)
        except FAILURES as error:
            raise self._give_up(error) from error
        finally:
            self._discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is not None and not self._count:
            self._discard()
        else:
            self.close()

    @abstractmethod
    def begin(self, about: dict[str, Any], first: Frame | None) -> None:
        """Start the file: what is said of all frames, and the first of them, if there is one."""

    @abstractmethod
    def write(self, frame: Frame, hands: Sequence[HandPose]) -> None:
        """Take one frame."""

    @abstractmethod
    def finish(self) -> None:
        """Write what makes the file whole."""

    @abstractmethod
    def rescue(self, count: int) -> int:
        """Make a file whole that could not be written on; how many of its `count` frames it keeps.

        OSError where none can be kept.
        """

    @abstractmethod
    def release(self) -> None:
        """Let go of the file; it may not have been begun, or be closed already."""

    def _begin(self, first: Frame | None) -> None:
        if not self._begun:
            try:
                self.begin(head(*self._about, first), first)
            except BaseException:
                self._discard()
                raise
            self._begun = True

    def _discard(self) -> None:
        """Leave nothing; what is kept has another name by now."""
        self._closed = True
        with suppress(*FAILURES):
            self.release()
        with suppress(OSError):
            self.part.unlink(missing_ok=True)

    def _give_up(self, error: OSError | av.FFmpegError) -> UserError:
        """Keep what can be kept under another name; returns what to tell of it."""
        kept = "; nothing could be kept" if self._count else ""
        with suppress(*FAILURES):
            frames = self._count if self._whole or not self._count else self.rescue(self._count)
            self.release()
            if frames:
                name = f"{self._path.stem}.partial{self._path.suffix}"
                place = create_new(self._path.with_name(name))
                self.part.replace(place)
                kept = f"; its first {frames} frames are kept as {place}"
        self._discard()
        return self._failure(error, kept)

    def _failure(self, error: OSError | av.FFmpegError, kept: str = "") -> UserError:
        return UserError(f"{self._path} cannot be written: {error.strerror}{kept}")


class PieceExport(Export):
    """An export whose file grows by whole pieces."""

    pieces: Pieces | None = None

    def add_piece(self, piece: bytes) -> None:
        """Write on; OSError where the disk refuses, and the file stays as it was."""
        if self.pieces is None:
            self.pieces = Pieces(self.part)
        self.pieces.add(piece)

    def finish(self) -> None:
        """Nothing: it is whole after each piece."""

    def rescue(self, count: int) -> int:
        """All frames that were taken."""
        return count

    def release(self) -> None:
        """Close the file."""
        if self.pieces is not None:
            self.pieces.close()
