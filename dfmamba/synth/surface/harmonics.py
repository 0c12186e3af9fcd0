"""Light from all around as spherical harmonics (Ramamoorthi and Hanrahan 2001)."""

from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def harmonics(direction: Tensor) -> Tensor:
    """The nine real spherical harmonics up to degree 2 of unit vectors (..., 3)."""
    x, y, z = direction.unbind(-1)
    values = [
        torch.full_like(x, 0.282095),
        *(0.488603 * v for v in (y, z, x)),
        *(1.092548 * v for v in (x * y, y * z)),
        0.315392 * (3 * z * z - 1),
        1.092548 * x * z,
        0.546274 * (x * x - y * y),
    ]
    return torch.stack(values, -1)


def irradiance(panorama: NDArray[np.integer[Any] | np.floating[Any]]) -> NDArray[np.float32]:
    """Irradiance harmonics (9, 3) of an equirectangular panorama (H, W, 3), mean 1."""
    small = torch.from_numpy(cv2.resize(panorama, (64, 32), interpolation=cv2.INTER_AREA)).float()
    small = small.clamp(max=float(20 * small.mean()))
    polar = (torch.arange(32) + 0.5) / 32 * np.pi
    around = (torch.arange(64) + 0.5) / 64 * 2 * np.pi
    p, a = torch.meshgrid(polar, around, indexing="ij")
    direction = torch.stack([p.sin() * a.cos(), -p.cos(), p.sin() * a.sin()], -1)
    area = (p.sin() * (np.pi / 32) * (2 * np.pi / 64))[..., None]
    radiance = torch.einsum("hwk,hwc->kc", harmonics(direction) * area, small)
    # The cosine lobe's own harmonics, over pi.
    lobe = torch.tensor([1.0] + [2 / 3] * 3 + [1 / 4] * 5)[:, None]
    light = radiance * lobe
    return np.asarray(light / (light[0].mean() * 0.282095), np.float32)
