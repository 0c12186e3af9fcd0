"""Hand poses as one JSON file, schema 1.

{"schema": 1, "source": {name, kind, width, height, rate, frames}, "model": {name, sha256},
 "frames": [{index, time_s, file, width, height, "hands": [{side, score, box_px [x0, y0, x1, y1],
 joints_px 21 x [u, v], joints_mm 21 x [x, y, z] from the wrist, root_mm [x, y, z] or null}]}]}
Pixels are those of the unmirrored frame, joints in the order of `dfmamba.hand.JOINTS`, sides the
person's own. `source.frames` is null where the length is unknown; a run that was stopped holds
fewer frames than it says.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.sources import Frame, Source
from dfmamba.errors import UserError
from dfmamba.pose import HandPose

SCHEMA = 1


class Export:
    """Gathers the hands of each frame of a source; `write` puts them into a file."""

    def __init__(self, source: Source, model: Mapping[str, str]) -> None:
        self._source = source
        self._model = dict(model)
        self._frames: list[dict[str, Any]] = []

    def add(self, frame: Frame, hands: Sequence[HandPose]) -> None:
        """One more frame; its picture is not kept."""
        height, width = frame.image.shape[:2]
        self._frames.append(
            {
                "index": frame.index,
                "time_s": round(frame.time_s, 6),
                "file": frame.file,
                "width": width,
                "height": height,
                "hands": [_hand(each) for each in hands],
            }
        )

    def document(self) -> dict[str, Any]:
        """What is written. The source's size is that of its first frame, null without any."""
        first = self._frames[0] if self._frames else {"width": None, "height": None}
        return {
            "schema": SCHEMA,
            "source": {
                "name": self._source.name,
                "kind": self._source.kind,
                "width": first["width"],
                "height": first["height"],
                "rate": round(self._source.rate, 3),
                "frames": self._source.frame_count,
            },
            "model": self._model,
            "frames": self._frames,
        }

    def write(self, path: Path) -> None:
        """Write everything so far; an older file stays until the new one is whole.

        Raises:
            UserError: the file cannot be written.
        """
        part = path.with_name(path.name + ".part")
        try:
            part.write_text(json.dumps(self.document(), allow_nan=False), encoding="utf-8")
            part.replace(path)
        except OSError as error:
            raise UserError(f"{path} cannot be written: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)


def _hand(hand: HandPose) -> dict[str, Any]:
    return {
        "side": hand.side,
        "score": round(float(hand.score), 4),
        "box_px": _rounded(hand.box_px),
        "joints_px": _rounded(hand.joints_px),
        "joints_mm": _rounded(hand.joints_mm),
        "root_mm": None if hand.root_mm is None else _rounded(hand.root_mm),
    }


def _rounded(values: NDArray[np.float64]) -> Any:
    # float64 first, or the decimals of float32 come back; + 0.0 turns -0.0 into 0.0.
    return (np.round(np.asarray(values, np.float64), 2) + 0.0).tolist()
