"""JSON, schema 1 (`recording.records`): {...head, "frames": [...]}, a frame on each line."""

import json
from collections.abc import Sequence
from typing import Any

from dfmamba.frame import Frame
from dfmamba.pose import HandPose
from dfmamba_live.recording.exports.base import PieceExport
from dfmamba_live.recording.records import frame_record

END = b"\n]}\n"


class JsonExport(PieceExport):
    """Writes each frame as it comes."""

    def begin(self, about: dict[str, Any], first: Frame | None) -> None:  # noqa: ARG002
        """Write everything but the frames."""
        self.add_piece((json.dumps(about, allow_nan=False)[:-1] + ', "frames": [').encode())
        self._separator = "\n"

    def write(self, frame: Frame, hands: Sequence[HandPose]) -> None:
        """Write a frame."""
        record = json.dumps(frame_record(frame, hands), allow_nan=False)
        self.add_piece((self._separator + record).encode())
        self._separator = ",\n"

    def finish(self) -> None:
        """Close the list of frames."""
        self.add_piece(END)

    def rescue(self, count: int) -> int:
        """Close the list; the last frames give way where there is no room for that."""
        while True:
            try:
                self.add_piece(END)
            except OSError:
                if count == 0 or self.pieces is None:
                    raise
                self.pieces.drop_last()
                count -= 1
            else:
                return count
