"""What review asks of a file: any frame, at any time."""

from collections.abc import Sequence
from typing import Protocol

from app.sources import Frame, Kind


class Clip(Protocol):
    """A file whose frames can be read in any order, by one thread at a time.

    times: seconds from the first frame on, growing, one for each frame.
    """

    name: str
    kind: Kind
    times: Sequence[float]

    def __len__(self) -> int: ...

    def read(self, index: int) -> Frame:
        """Exactly this frame, 0-based. The one after the last read is quick, others may not be.

        Raises:
            UserError: it cannot be read.
        """

    def close(self) -> None:
        """Let go of the file."""
