"""Rerun (.rrd), for its viewer: the frames, the hands over them, and the hands in 3D.

Timelines: `frame`, the index, and `time`, seconds from the source's first frame. `hands/SIDE` are
joints in the camera frame, mm; `camera/image/SIDE` in pixels; `about` holds source, model, units.
Rerun's viewer counts its users, its logging does not: it writes a file and opens no connection.
"""

import json
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import ASSUMED_FOV_DEG
from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba.hand import BONES, JOINT_COLOURS, JOINTS, SIDES
from dfmamba.pose import HandPose
from dfmamba_live.recording.exports.base import PieceExport

JPEG = (cv2.IMWRITE_JPEG_QUALITY, 90)
LOOK = {
    "colors": np.array(JOINT_COLOURS, np.uint8),
    "labels": list(JOINTS),
    "show_labels": False,
}
HEADER, END = 12, 16
"""Bytes around each part of Rerun's stream: of the header, and of the mark of the end, all zero."""
BONE_LOOK = {"colors": np.array([JOINT_COLOURS[child] for _, child in BONES], np.uint8)}


class RerunExport(PieceExport):
    """Writes each frame as it comes."""

    def __init__(self, *about: Any) -> None:
        try:
            import rerun
        except ImportError as error:
            how = "run pip install 'dfmamba-live[rerun]'"
            raise UserError(f"the package for .rrd is missing; {how}") from error
        self._rerun = rerun
        super().__init__(*about)

    def begin(self, about: dict[str, Any], first: Frame | None) -> None:
        """Say what all of it is and where the camera stands."""
        rr = self._rerun
        self._log = rr.RecordingStream("dfmamba")
        self._stream = self._log.binary_stream()  # a file of its own would hide a full disk
        text = rr.TextDocument(json.dumps(about, indent=1, allow_nan=False))
        self._log.log("about", text, static=True)
        self._log.log("/", rr.ViewCoordinates.RDF, static=True)
        if first is not None:
            height, width = first.image.shape[:2]
            camera = first.intrinsics(about["settings"].get("fov_deg", ASSUMED_FOV_DEG))
            pinhole = rr.Pinhole(
                focal_length=[camera.fx, camera.fy],
                principal_point=[camera.cx, camera.cy],
                resolution=[width, height],
                image_plane_distance=300.0,
            )
            self._log.log("camera/image", pinhole, static=True)
        self.add_piece(self._stream.read()[:-END])

    def write(self, frame: Frame, hands: Sequence[HandPose]) -> None:
        """Log a frame; a side without a hand is cleared."""
        rr = self._rerun
        self._log.set_time("frame", sequence=frame.index)
        self._log.set_time("time", duration=frame.time_s)
        _, data = cv2.imencode(".jpg", cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR), JPEG)
        picture = rr.EncodedImage(contents=data.tobytes(), media_type="image/jpeg")
        self._log.log("camera/image", picture)
        seen = {hand.side: hand for hand in hands}
        for side in SIDES:
            hand = seen.get(side)
            if hand is None:
                for place in (f"hands/{side}", f"camera/image/{side}"):
                    self._log.log(place, rr.Clear(recursive=True))
                continue
            points, pixels = hand.camera_mm, hand.joints_px
            self._log.log(f"hands/{side}", rr.Points3D(points, radii=4.0, **LOOK))
            self._log.log(f"hands/{side}/bones", rr.LineStrips3D(_bones(points), **BONE_LOOK))
            self._log.log(f"camera/image/{side}", rr.Points2D(pixels, radii=3.0, **LOOK))
            self._log.log(
                f"camera/image/{side}/bones", rr.LineStrips2D(_bones(pixels), **BONE_LOOK)
            )

        self.add_piece(self._stream.read()[HEADER:-END])

    def finish(self) -> None:
        """Write the mark of the end."""
        self.add_piece(bytes(END))


def _bones(joints: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    return [joints[[parent, child]] for parent, child in BONES]
