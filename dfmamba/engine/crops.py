"""From a frame to the pictures that a network reads, on the processor."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dfmamba.camera import Crop


def pictures_of(frame: NDArray[np.uint8], crops: Sequence[Crop], size: int) -> Tensor:
    """The crops of an RGB frame (H, W, 3) as pictures (C, 3, size, size), float, 0 to 1."""
    pictures = np.stack([crop.extract(frame, size) for crop in crops])
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
