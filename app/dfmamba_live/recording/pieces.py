"""A file that holds whole pieces only, however its writing ends."""

import os
from contextlib import suppress
from pathlib import Path


class Pieces:
    """A file to which whole pieces are added; one that does not fit on the disk leaves no trace.

    Nothing waits in a buffer: what was added is written, as far as the system knows.
    """

    def __init__(self, path: Path) -> None:
        """Start with an empty file; OSError where it cannot be opened."""
        self._file = path.open("wb", buffering=0)
        self._ends = [0]

    def add(self, piece: bytes) -> None:
        """Write a piece.

        Raises:
            OSError: it cannot be written; the file is as before.
        """
        rest = memoryview(piece)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except BaseException:
            self._cut()
            raise
        self._ends.append(self._ends[-1] + len(piece))

    def drop_last(self) -> None:
        """Take the last piece back."""
        self._ends.pop()
        self._cut()

    def close(self) -> None:
        """Let go of the file; OSError where the disk refuses it only now."""
        self._file.close()

    def _cut(self) -> None:
        with suppress(OSError):  # a device, which has no length
            self._file.seek(self._ends[-1])
            os.ftruncate(self._file.fileno(), self._ends[-1])
