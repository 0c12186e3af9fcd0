"""The viewer of the 3D scene: a camera on a sphere around a target."""

from dataclasses import dataclass, replace
from math import cos, pi, radians, remainder, sin, tan
from typing import Self

import numpy as np
from numpy.typing import NDArray

FIELD_OF_VIEW_DEG = 40.0
NEAREST_MM, FURTHEST_MM = 80.0, 5000.0
STEEPEST = pi / 2

Point = tuple[float, float, float]
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Orbit:
    """Where the scene is seen from; the scene is the camera frame: x right, y down, z away, mm."""

    yaw: float = -0.62
    """Radians; at zero the scene is seen along the camera's own axis."""
    pitch: float = 0.28
    """Radians, upwards."""
    distance: float = 540.0
    """From the target, mm."""
    target: Point = (0.0, 0.0, 0.0)
    """The point in the middle of the picture, mm."""

    def dragged(self, dx: float, dy: float) -> Self:
        """Turned so that what is in front follows a drag of (dx, dy) pixels."""
        pitch = float(np.clip(self.pitch + 0.008 * dy, -STEEPEST, STEEPEST))
        return replace(self, yaw=self.yaw + 0.008 * dx, pitch=pitch)

    def zoomed(self, steps: float) -> Self:
        """Nearer by `steps` of the wheel, within limits."""
        distance = float(np.clip(self.distance * 0.9**steps, NEAREST_MM, FURTHEST_MM))
        return replace(self, distance=distance)

    def panned(self, dx: float, dy: float, height: int) -> Self:
        """Moved so that the target follows a drag of (dx, dy) pixels in a view `height` high."""
        shift = np.array([dx, dy, 0.0]) * self.distance / focal_length(height)
        return self.moved(-self.rotation().T @ shift)

    def moved(self, step_mm: _Floats) -> Self:
        """With the target moved by (3,) mm in the scene."""
        x, y, z = np.array(self.target) + step_mm
        return replace(self, target=(float(x), float(y), float(z)))

    def towards(self, other: Self, share: float) -> Self:
        """Part of the way to another view, the short way round; at 1 it looks as that one does."""
        turn = remainder(other.yaw - self.yaw, 2 * pi)
        x, y, z = (a + share * (b - a) for a, b in zip(self.target, other.target, strict=True))
        return replace(
            self,
            yaw=self.yaw + share * turn,
            pitch=self.pitch + share * (other.pitch - self.pitch),
            distance=self.distance * (other.distance / self.distance) ** share,
            target=(x, y, z),
        )

    def rotation(self) -> _Floats:
        """Scene axes to view axes, (3, 3)."""
        c, s = cos(self.yaw), sin(self.yaw)
        turn = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
        c, s = cos(self.pitch), sin(self.pitch)
        return np.asarray(np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ turn)

    def view_matrix(self) -> _Floats:
        """Scene points to view points, rigid, (4, 4); the view looks along its +z, y down."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation()
        matrix[:3, 3] = [0, 0, self.distance] - self.rotation() @ np.array(self.target)
        return matrix

    def project(self, points_mm: _Floats, width: int, height: int) -> tuple[_Floats, _Floats]:
        """Scene points (N, 3) to view pixels (N, 2) and depths (N,), mm.

        Points behind the viewer have a depth below 0 and pixels without meaning.
        """
        seen = points_mm @ self.rotation().T + self.view_matrix()[:3, 3]
        depth = seen[:, 2]
        scaled = seen[:, :2] / np.maximum(depth, 1.0)[:, None] * focal_length(height)
        return scaled + np.array([width / 2, height / 2]), depth


def focal_length(height: int) -> float:
    """Pixels, for a view `height` pixels high."""
    return height / 2 / tan(radians(FIELD_OF_VIEW_DEG) / 2)


# The views that have a key. They hold all joints, which lie within `reach_mm` of their middle.


def home(middle: Point, reach_mm: float) -> Orbit:
    """The hands from beside and above, the camera to the left."""
    x, y, z = middle
    target = (x, y + 35.0, z)  # above the middle of the picture, with the ground in view
    return Orbit(distance=max(Orbit.distance, _holding(reach_mm + 35.0)), target=target)


def front(middle: Point, reach_mm: float) -> Orbit:
    """The hands as the camera sees them, from before the drawn camera where there is room."""
    distance = float(np.clip(middle[2] - 130.0, 250.0, 460.0))
    return Orbit(0.0, 0.0, max(distance, _holding(reach_mm)), middle)


def own(middle: Point, reach_mm: float) -> Orbit:
    """The hands as their owner sees them, towards the camera."""
    return Orbit(pi, 0.25, max(460.0, _holding(reach_mm)), middle)


def side(middle: Point, reach_mm: float) -> Orbit:
    """Along the x axis: the camera on the left, distance to the right."""
    return _whole(-pi / 2, 0.0, middle, reach_mm)


def top(middle: Point, reach_mm: float) -> Orbit:
    """From above: the camera at the bottom, distance upwards."""
    return _whole(0.0, STEEPEST, middle, reach_mm)


def _whole(yaw: float, pitch: float, middle: Point, reach_mm: float) -> Orbit:
    """Hands and camera."""
    x, y, z = middle
    distance = float(np.clip(_holding(abs(z) / 2 + max(reach_mm, 60.0)), 600.0, FURTHEST_MM))
    return Orbit(yaw, pitch, distance, (x / 2, y / 2, z / 2 + 20.0))


def _holding(reach_mm: float) -> float:
    """The distance from which so much to each side of the target is in view, with a margin."""
    return 1.1 * reach_mm / tan(radians(FIELD_OF_VIEW_DEG) / 2)
