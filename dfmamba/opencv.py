"""Places as OpenCV wants them: it puts pixel centres at whole numbers, this project at +0.5."""

import numpy as np
from numpy.typing import NDArray

SHIFT = 4
"""OpenCV draws at fractions of a pixel, told as whole numbers of 1 / 2**SHIFT."""


def opencv_matrix(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """An affine map (2, 3) of pixels for `cv2.warpAffine`."""
    shift = matrix[:, :2] @ [0.5, 0.5] - 0.5
    return np.concatenate([matrix[:, :2], matrix[:, 2:] + shift[:, None]], axis=1)


def opencv_points(points_px: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pixels (N, 2) for OpenCV's drawing functions with `shift=SHIFT`."""
    fixed = np.rint((np.asarray(points_px) - 0.5) * 2**SHIFT).astype(int)
    return [(int(x), int(y)) for x, y in fixed]
