"""What every export does: it grows beside its place, and takes it once it is whole."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import av

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba.pose import HandPose
from dfmamba_live.recording.records import head
from dfmamba_live.sources import Source

log = logging.getLogger(__name__)


class Export(ABC):
    """An export under way. Closing it, after whatever end, keeps the frames that were added.

    part: the file that grows; an older export stays in its place until this one is closed.
    """

    def __init__(
        self, path: Path, source: Source, model: Mapping[str, str], settings: Mapping[str, Any]
    ) -> None:
        self.part = path.with_name(path.name + ".part")
        self._path = path
        self._about = source, model, settings
        self._count = 0
        self._closed = False
        with self._told():
            self.part.touch()

    def add(self, frame: Frame, hands: Sequence[HandPose]) -> None:
        """One more frame and its hands.

        Raises:
            UserError: it cannot be written.
        """
        with self._told():
            if not self._count:
                self._start(frame)
            self._count += 1
            self.write(frame, hands)

    def close(self) -> None:
        """Finish the file and put it into its place; more than once does no harm.

        Raises:
            UserError: it cannot be written.
        """
        if self._closed:
            return
        self._closed = True
        try:
            with self._told():
                if not self._count:
                    self._start(None)
                self.finish()
                self.part.replace(self._path)
            log.info("%d frames written to %s", self._count, self._path)
        finally:
            self.part.unlink(missing_ok=True)

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
        """Make the file whole and let go of it."""

    def _discard(self) -> None:
        """Leave nothing, as there is nothing to keep; an older export stays."""
        self._closed = True
        self.part.unlink(missing_ok=True)

    def _start(self, first: Frame | None) -> None:
        try:
            self.begin(head(*self._about, first), first)
        except BaseException:
            self._discard()
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, av.FFmpegError) as error:
            raise UserError(f"{self._path} cannot be written: {error.strerror}") from error
