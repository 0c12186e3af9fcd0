"""What the estimator reads: one picture of a camera or clip, and what is known of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import ASSUMED_FOV_DEG, Intrinsics


@dataclass(frozen=True, eq=False)
class Depth:
    """The depth picture of a frame, as the camera measured it.

    Raises ValueError where the values are of another type or shape, or the unit is not positive.
    """

    values: NDArray[np.uint16]
    """(H, W): distance along the camera's z axis in `unit_mm`; 0 where it is unknown."""
    unit_mm: float = 1.0
    """Millimetres of one step of `values`."""

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.dtype != np.uint16:
            kind = f"{self.values.shape} {self.values.dtype}"
            raise ValueError(f"depth is (H, W) uint16, not {kind}")
        if not 0 < self.unit_mm < np.inf:
            raise ValueError(f"the unit of depth is {self.unit_mm} mm; it must be above 0")

    @property
    def mm(self) -> NDArray[np.float32]:
        """(H, W) float32, millimetres along the z axis; 0 where unknown. Computed at each call."""
        return self.values * np.float32(self.unit_mm)


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture, and all that its source knows of it; `Frame(picture)` is enough.

    Raises ValueError where the image is of another shape or type, or the depth of another size.
    """

    image: NDArray[np.uint8]
    """(H, W, 3) RGB, not mirrored. Nobody writes to it once the frame is made."""
    time_s: float = 0.0
    """Seconds on the clock of its source, growing from frame to frame."""
    camera: Intrinsics | None = None
    """The intrinsics of the image; None where the camera does not tell them."""
    depth: Depth | None = None
    """The depth of each pixel of `image`, of a depth camera."""
    index: int = 0
    """Its number in its source, from 0; a camera also counts frames that were dropped."""
    captured: float = 0.0
    """When it was taken, by `time.perf_counter()`; 0 where that does not matter."""
    file: str | None = None
    """The name of the picture in its folder."""
    follows: bool = True
    """Whether it shows the scene of the frame before, a moment later; a folder does not."""
    damaged: bool = False
    """Whether its image is known to be broken, in part or as a whole; then a plain grey."""

    def __post_init__(self) -> None:
        image = self.image
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
            raise ValueError(f"a frame is (H, W, 3) uint8, RGB, not {image.shape} {image.dtype}")
        if self.depth is not None and self.depth.values.shape != image.shape[:2]:
            sizes = f"{self.depth.values.shape} and {image.shape[:2]}"
            raise ValueError(f"depth and image must be of one size, not {sizes}")

    def intrinsics(self, fov_deg: float = ASSUMED_FOV_DEG) -> Intrinsics:
        """Those of `camera`, else those assumed for a field of view across the longer side."""
        height, width = self.image.shape[:2]
        return self.camera or Intrinsics.assumed(width, height, fov_deg)
