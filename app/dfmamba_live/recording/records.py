"""What exports and recordings say of a source and of each frame, as JSON schema 1.

A file's head is {"schema": 1, "source": {name, kind, width, height, rate, frames},
"model": {name, sha256}, "settings": {...}, "units": {...}, "joints": [21 names]}; a frame is
{index, time_s, file, width, height, damaged, "hands": [{side, score, box_px [x0, y0, x1, y1],
joints_px 21 x [u, v], joints_mm 21 x [x, y, z] from the wrist, root_mm [x, y, z] or null,
confidence 21 x 0 to 1}]}. `source.frames` is null where the length is unknown; a run that was
stopped holds fewer frames than it says.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dfmamba.frame import Frame
from dfmamba.hand import JOINTS, WRIST_TO_MIDDLE_MCP_MM
from dfmamba.pose import HandPose
from dfmamba_live.sources import Source
from dfmamba_live.sources.recorded import SCHEMA

UNITS = {
    "index": "frame of the source, from 0",
    "time_s": "seconds from the source's first frame, on its own clock",
    "damaged": "whether the picture is known to be broken; hands on it are guesses",
    "side": "the person's own hand",
    "score": "0 to 1, how sure it is that this is a hand",
    "box_px": "pixels of the unmirrored frame, origin at its top left",
    "joints_px": "pixels of the unmirrored frame, origin at its top left",
    "joints_mm": "millimetres from the wrist; x right, y down, z away from the camera; scaled to a "
    f"palm of {WRIST_TO_MIDDLE_MCP_MM} mm, wrist to middle knuckle",
    "root_mm": "the wrist in the camera frame, millimetres",
    "confidence": "0 to 1 for each joint",
}


def head(
    source: Source, model: Mapping[str, str], settings: Mapping[str, Any], first: Frame | None
) -> dict[str, Any]:
    """What a file says before its frames. The source's size is that of its first frame."""
    height, width = first.image.shape[:2] if first else (None, None)
    return {
        "schema": SCHEMA,
        "source": {
            "name": source.name,
            "kind": source.kind,
            "width": width,
            "height": height,
            "rate": round(source.rate, 3),
            "frames": source.frame_count,
        },
        "model": dict(model),
        "settings": dict(settings),
        "units": UNITS,
        "joints": list(JOINTS),
    }


def frame_record(frame: Frame, hands: Sequence[HandPose]) -> dict[str, Any]:
    """What is said of a frame."""
    height, width = frame.image.shape[:2]
    return {
        "index": frame.index,
        "time_s": round(frame.time_s, 6),
        "file": frame.file,
        "width": width,
        "height": height,
        "damaged": frame.damaged,
        "hands": [_hand(each) for each in hands],
    }


def _hand(hand: HandPose) -> dict[str, Any]:
    return {
        "side": hand.side,
        "score": round(float(hand.score), 4),
        "box_px": _rounded(hand.box_px),
        "joints_px": _rounded(hand.joints_px),
        "joints_mm": _rounded(hand.joints_mm),
        "root_mm": None if hand.root_mm is None else _rounded(hand.root_mm),
        "confidence": _rounded(hand.confidence),
    }


def _rounded(values: NDArray[np.float64]) -> Any:
    # float64 first, or the decimals of float32 come back; + 0.0 turns -0.0 into 0.0.
    return (np.round(np.asarray(values, np.float64), 2) + 0.0).tolist()
