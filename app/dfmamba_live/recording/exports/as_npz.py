"""NPZ: arrays of N frames and M hands, for `numpy.load`.

frame_index (N,), frame_time_s (N,), frame_damaged (N,); frame (M,) the index of a hand's frame,
time_s (M,), side (M,), score (M,), box_px (M, 4), joints_px (M, 21, 2), joints_mm (M, 21, 3),
root_mm (M, 3) with NaN where unknown, confidence (M, 21); about: JSON text with
source, model, units, joint names.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any

import numpy as np

from dfmamba.frame import Frame
from dfmamba.pose import HandPose
from dfmamba_live.recording.exports.base import PieceExport

UNKNOWN = np.full(3, np.nan)


class NpzExport(PieceExport):
    """Gathers the hands and writes them at the end."""

    def begin(self, about: dict[str, Any], first: Frame | None) -> None:  # noqa: ARG002
        """Start with nothing."""
        self._about_text = json.dumps(about, allow_nan=False)
        self._found: list[tuple[int, float, bool, Sequence[HandPose]]] = []

    def write(self, frame: Frame, hands: Sequence[HandPose]) -> None:
        """Keep the hands of a frame."""
        self._found.append((frame.index, frame.time_s, frame.damaged, hands))

    def finish(self) -> None:
        """Write the arrays."""
        self._write_first(len(self._found))

    def rescue(self, count: int) -> int:
        """Write fewer frames, until they fit."""
        while count := count * 3 // 4:
            with suppress(OSError):
                self._write_first(count)
                break
        return count

    def _write_first(self, count: int) -> None:
        found = self._found[:count]
        of_hands = [(index, time_s) for index, time_s, _, hands in found for _ in hands]
        hands = [hand for _, _, _, hands in found for hand in hands]
        roots = [UNKNOWN if hand.root_mm is None else hand.root_mm for hand in hands]
        arrays = {
            "frame_index": np.array([index for index, *_ in found], np.int64),
            "frame_time_s": np.array([time_s for _, time_s, *_ in found], np.float64),
            "frame_damaged": np.array([damaged for _, _, damaged, _ in found], np.bool_),
            "frame": np.array([index for index, _ in of_hands], np.int64),
            "time_s": np.array([time_s for _, time_s in of_hands], np.float64),
            "side": np.array([hand.side for hand in hands], "U5"),
            "score": np.array([hand.score for hand in hands], np.float32),
            "box_px": _stack([hand.box_px for hand in hands], 4),
            "joints_px": _stack([hand.joints_px for hand in hands], 21, 2),
            "joints_mm": _stack([hand.joints_mm for hand in hands], 21, 3),
            "root_mm": _stack(roots, 3),
            "confidence": _stack([hand.confidence for hand in hands], 21),
            "about": np.array(self._about_text),
        }
        buffer = BytesIO()  # NumPy makes a mess of a file that it cannot write
        np.savez_compressed(buffer, **arrays)
        self.add_piece(buffer.getvalue())


def _stack(rows: Sequence[Any], *shape: int) -> np.typing.NDArray[np.float32]:
    return np.asarray(rows, np.float32).reshape(-1, *shape)
