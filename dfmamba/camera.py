"""Camera intrinsics and the square crop between a frame and the network.

Pixels: (0, 0) is the top-left corner of the top-left pixel of the unmirrored frame, so pixel
centres lie at +0.5. Camera frame: millimetres, x right, y down, z away from the camera.
"""

from dataclasses import dataclass
from math import radians, tan

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.opencv import opencv_matrix

CROP_SCALE = 1.5
"""Edge of the network's crop over the longer side of the joints' box, in training as in use."""
ASSUMED_FOV_DEG = 60.0
"""Field of view across the longer side, for a camera that does not tell: a common webcam."""


@dataclass(frozen=True)
class Intrinsics:
    """A pinhole camera; focal lengths and principal point in pixels."""

    fx: float
    fy: float
    cx: float
    cy: float

    @classmethod
    def assumed(cls, width: int, height: int, fov_deg: float = ASSUMED_FOV_DEG) -> "Intrinsics":
        """Square pixels, the principal point in the middle, `fov_deg` across the longer side."""
        focal = max(width, height) / 2 / tan(radians(fov_deg) / 2)
        return cls(focal, focal, width / 2, height / 2)

    def project(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Camera-frame points (..., 3) in mm to pixels (..., 2)."""
        points = np.asarray(points_mm, np.float64)
        scale = np.array([self.fx, self.fy])
        pixels: NDArray[np.float64] = points[..., :2] / points[..., 2:] * scale
        return np.asarray(pixels + np.array([self.cx, self.cy]))

    def unproject(
        self, points_px: NDArray[np.float64], depth_mm: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Pixels (..., 2) at depths (...,) in mm to camera-frame points (..., 3) in mm."""
        depth = np.asarray(depth_mm, np.float64)[..., None]
        rays = (np.asarray(points_px) - [self.cx, self.cy]) / [self.fx, self.fy]
        return np.concatenate([rays * depth, depth], axis=-1)


@dataclass(frozen=True)
class Crop:
    """A square of the frame, resized for the network; left hands are mirrored to look right.

    `x`, `y`: the centre, `side`: the edge, all in frame pixels. The square may leave the frame.
    """

    x: float
    y: float
    side: float
    mirrored: bool = False

    @classmethod
    def around(cls, points_px: NDArray[np.float64], scale: float, mirrored: bool = False) -> "Crop":
        """The square around the bounding box of points (N, 2), `scale` times its longer side."""
        low, high = np.min(points_px, axis=0), np.max(points_px, axis=0)
        x, y = (low + high) / 2
        return cls(float(x), float(y), max(float(np.max(high - low)) * scale, 1.0), mirrored)

    @property
    def mirror(self) -> NDArray[np.float64]:
        """(3,): times it, 3D points of the crop as it is shown are those of the frame, and back."""
        return np.array([-1.0 if self.mirrored else 1.0, 1.0, 1.0])

    def matrix(self, size: int) -> NDArray[np.float64]:
        """The affine map (2, 3) from frame pixels to the pixels of a `size` x `size` crop."""
        scale = size / self.side
        sign = -1.0 if self.mirrored else 1.0
        return np.array(
            [
                [sign * scale, 0.0, size / 2 - sign * scale * self.x],
                [0.0, scale, size / 2 - scale * self.y],
            ]
        )

    def to_crop(self, points_px: NDArray[np.float64], size: int) -> NDArray[np.float64]:
        """Frame pixels (..., 2) to crop pixels (..., 2)."""
        matrix = self.matrix(size)
        return np.asarray(np.asarray(points_px, np.float64) @ matrix[:, :2].T + matrix[:, 2])

    def to_frame(self, points_px: NDArray[np.float64], size: int) -> NDArray[np.float64]:
        """Crop pixels (..., 2) to frame pixels (..., 2)."""
        matrix = self.matrix(size)
        return (np.asarray(points_px, np.float64) - matrix[:, 2]) / np.diag(matrix[:, :2])

    def facing(self, intrinsics: Intrinsics) -> NDArray[np.float64]:
        """The least turn (3, 3) from the camera's axes to those of one that faces the crop.

        A crop does not tell where in the frame it was cut out; so what the network tells of it is
        in the axes of a camera that looks at its middle. Points (N, 3) there times this matrix are
        in the camera's own axes.
        """
        ray = intrinsics.unproject(np.array([self.x, self.y]), np.array(1.0))
        x, y, z = ray / np.linalg.norm(ray)
        return np.array(
            [
                [1 - x * x / (1 + z), -x * y / (1 + z), -x],
                [-x * y / (1 + z), 1 - y * y / (1 + z), -y],
                [x, y, z],
            ]
        )

    def extract(self, image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
        """Cut the crop out of an image (H, W, 3) uint8 as (size, size, 3); outside is black."""
        # Halve first where the crop shrinks a lot: a bilinear warp alone would alias.
        shrink = int(self.side // (2 * size)) + 1
        if shrink > 1:
            large = size * shrink
            crop = self.extract(image, large)
            return np.asarray(
                cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA), np.uint8
            )
        matrix = opencv_matrix(self.matrix(size))
        return np.asarray(
            cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR), np.uint8
        )
