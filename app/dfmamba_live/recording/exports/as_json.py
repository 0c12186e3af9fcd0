"""JSON, schema 1 (`recording.records`): {...head, "frames": [...]}, a frame on each line."""

import json
from collections.abc import Sequence
from typing import Any

from dfmamba.frame import Frame
from dfmamba.pose import HandPose
from dfmamba_live.recording.exports.base import Export
from dfmamba_live.recording.records import frame_record


class JsonExport(Export):
    """Writes each frame as it comes."""

    def begin(self, about: dict[str, Any], first: Frame | None) -> None:  # noqa: ARG002
        """Write everything but the frames."""
        self._file = self.part.open("w", encoding="utf-8")
        self._separator = "\n"
        self._file.write(json.dumps(about, allow_nan=False)[:-1] + ', "frames": [')

    def write(self, frame: Frame, hands: Sequence[HandPose]) -> None:
        """Write a frame."""
        self._file.write(self._separator + json.dumps(frame_record(frame, hands), allow_nan=False))
        self._separator = ",\n"

    def finish(self) -> None:
        """Close the list of frames."""
        self._file.write("\n]}\n")
        self._file.close()
