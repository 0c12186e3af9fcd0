"""Crops of labelled photographs in one file: all that training and measuring need."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dfmamba.files import load_arrays, save_arrays


@dataclass(frozen=True)
class Crops:
    """N square crops, every hand shown as a right hand.

    images (N, S, S, 3): RGB uint8. joints_px (N, 21, 2): MediaPipe's joints, crop pixels; these
    are its opinion, not the truth. files (N,) and sides (N,): the photograph and the person's own
    hand that each crop comes from. margin: how much wider than the network's crop they are.
    """

    images: NDArray[np.uint8]
    joints_px: NDArray[np.float64]
    files: NDArray[np.str_]
    sides: NDArray[np.str_]
    margin: NDArray[np.float64] = field(default_factory=lambda: np.array(1.0))

    def __len__(self) -> int:
        return len(self.images)

    def save(self, path: Path) -> None:
        """Write as .npz, whole or not at all."""
        save_arrays(path, vars(self))

    @classmethod
    def load(cls, path: Path) -> "Crops":
        """Read what `save` wrote; UserError where it is missing or broken."""
        return cls(**load_arrays(path, cls.__dataclass_fields__))
