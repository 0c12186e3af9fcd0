"""The viewer of the 3D scene: a camera on a sphere around a target."""

from dataclasses import dataclass, replace
from math import cos, radians, sin, tan

import numpy as np
from numpy.typing import NDArray

FIELD_OF_VIEW_DEG = 40.0
NEAREST_MM, FURTHEST_MM = 80.0, 4000.0
STEEPEST = 1.5


@dataclass(frozen=True)
class Orbit:
    """Where the scene is seen from; scene axes as the camera frame: x right, y down, z away.

    yaw, pitch: radians; at zero the scene is seen as the camera saw it. distance: mm from the
    target. target: mm.
    """

    yaw: float = 0.45
    pitch: float = 0.25
    distance: float = 420.0
    target: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def dragged(self, dx: float, dy: float) -> "Orbit":
        """Turned so that what is in front follows a drag of (dx, dy) pixels."""
        pitch = float(np.clip(self.pitch + 0.008 * dy, -STEEPEST, STEEPEST))
        return replace(self, yaw=self.yaw + 0.008 * dx, pitch=pitch)

    def zoomed(self, steps: float) -> "Orbit":
        """Nearer by `steps` of the wheel, within limits."""
        distance = float(np.clip(self.distance * 0.9**steps, NEAREST_MM, FURTHEST_MM))
        return replace(self, distance=distance)

    def panned(self, dx: float, dy: float, height: int) -> "Orbit":
        """Moved so that the target follows a drag of (dx, dy) pixels in a view `height` high."""
        shift = np.array([dx, dy, 0.0]) * self.distance / focal_length(height)
        x, y, z = np.array(self.target) - self.rotation().T @ shift
        return replace(self, target=(float(x), float(y), float(z)))

    def rotation(self) -> NDArray[np.float64]:
        """Scene axes to view axes, (3, 3)."""
        c, s = cos(self.yaw), sin(self.yaw)
        turn = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
        c, s = cos(self.pitch), sin(self.pitch)
        return np.asarray(np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ turn)

    def view_matrix(self) -> NDArray[np.float64]:
        """Scene points to view points, rigid, (4, 4); the view looks along its +z, y down."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation()
        matrix[:3, 3] = [0, 0, self.distance] - self.rotation() @ np.array(self.target)
        return matrix

    def project(
        self, points_mm: NDArray[np.float64], width: int, height: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scene points (N, 3) to view pixels (N, 2) and depths (N,), mm."""
        seen = points_mm @ self.rotation().T + self.view_matrix()[:3, 3]
        depth = np.maximum(seen[:, 2], 1.0)
        scaled = seen[:, :2] / depth[:, None] * focal_length(height)
        return scaled + np.array([width / 2, height / 2]), depth


def focal_length(height: int) -> float:
    """Pixels, for a view `height` pixels high."""
    return height / 2 / tan(radians(FIELD_OF_VIEW_DEG) / 2)
