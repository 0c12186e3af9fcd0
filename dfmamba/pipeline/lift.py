"""From joints in the picture and joints around the wrist to the wrist's place in space."""

import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import Intrinsics

FARTHEST_MM = 5000.0
"""Beyond this a hand is a few pixels wide, and its depth is noise."""


def lift(
    joints_mm: NDArray[np.float64], joints_px: NDArray[np.float64], intrinsics: Intrinsics
) -> NDArray[np.float64] | None:
    """The wrist (3,) in the camera frame, mm, that makes the joints project onto their pixels.

    joints_mm (21, 3): relative to the wrist. joints_px (21, 2): frame pixels. A pinhole camera
    asks x_i + tx = a_i (z_i + tz), with a_i the slope of pixel i's ray, and the same of y: linear
    in t, so least squares solves it at once. None where the answer makes no sense.
    """
    rays = intrinsics.unproject(joints_px, np.ones(len(joints_px)))[:, :2]
    if not (np.isfinite(rays).all() and np.isfinite(joints_mm).all()):
        return None
    system = np.concatenate([np.tile(np.eye(2), (len(rays), 1)), -rays.reshape(-1, 1)], axis=1)
    target = (rays * joints_mm[:, 2:] - joints_mm[:, :2]).ravel()
    root_mm: NDArray[np.float64] = np.linalg.lstsq(system, target, rcond=None)[0]
    depth = root_mm[2] + joints_mm[:, 2]
    return root_mm if depth.min() > 0 and depth.max() < FARTHEST_MM else None
