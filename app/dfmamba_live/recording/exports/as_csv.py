"""CSV: a row for each hand; a frame without one has a row whose hand is empty.

Columns: frame (from 0), time_s (from the source's first frame), file, damaged (1 or 0), side,
score, then for the box, the root and each joint one column a number, which ends in its unit.
"""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from dfmamba.frame import Frame
from dfmamba.hand import JOINTS
from dfmamba.pose import HandPose
from dfmamba_live.recording.exports.base import PieceExport
from dfmamba_live.recording.records import frame_record

COLUMNS = (
    *("frame", "time_s", "file", "damaged", "side", "score"),
    *(f"box_{name}_px" for name in ("x0", "y0", "x1", "y1")),
    *(f"root_{axis}_mm" for axis in "xyz"),
    *(f"{joint.replace(' ', '_')}_{axis}_px" for joint in JOINTS for axis in "xy"),
    *(f"{joint.replace(' ', '_')}_{axis}_mm" for joint in JOINTS for axis in "xyz"),
    *(f"{joint.replace(' ', '_')}_confidence" for joint in JOINTS),
)
EMPTY = [""] * (len(COLUMNS) - 4)


class CsvExport(PieceExport):
    """Writes each frame as it comes."""

    def begin(self, about: dict[str, Any], first: Frame | None) -> None:  # noqa: ARG002
        """Write the names of the columns."""
        self.add_piece(_rows([COLUMNS]))

    def write(self, frame: Frame, hands: Sequence[HandPose]) -> None:
        """Write the hands of a frame."""
        record = frame_record(frame, hands)
        start = [record["index"], record["time_s"], record["file"], int(record["damaged"])]
        rows = [start + _cells(hand) for hand in record["hands"]]
        self.add_piece(_rows(rows or [start + EMPTY]))


def _rows(rows: Iterable[Iterable[Any]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cells(hand: dict[str, Any]) -> list[Any]:
    root = hand["root_mm"] or [""] * 3
    pixels = [number for joint in hand["joints_px"] for number in joint]
    millimetres = [number for joint in hand["joints_mm"] for number in joint]
    known = [hand["side"], hand["score"], *hand["box_px"], *root]
    return [*known, *pixels, *millimetres, *hand["confidence"]]
