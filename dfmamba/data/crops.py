"""Crops of labelled photographs in one file: all that training and measuring need."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError
from dfmamba.files import load_arrays, save_arrays


@dataclass(frozen=True)
class Crops:
    """N square crops, every hand shown as a right hand.

    images (N, S, S, 3): RGB uint8. joints_px (N, 21, 2): MediaPipe's joints, crop pixels, its
    opinion and not the truth. joints (N, 21, 3): wrist-relative, palm units, facing the crop;
    MediaPipe's to measure against, `fitted` ones to train on. files (N,) and sides (N,): the
    photograph and the person's own hand that each crop comes from. margin: how much wider than the
    network's crop they are.
    """

    images: NDArray[np.uint8]
    joints_px: NDArray[np.float64]
    joints: NDArray[np.float64]
    files: NDArray[np.str_]
    sides: NDArray[np.str_]
    margin: NDArray[np.float64] = field(default_factory=lambda: np.array(1.0))

    def __len__(self) -> int:
        return len(self.images)

    def save(self, path: Path) -> None:
        """Write as .npz, whole or not at all."""
        save_arrays(path, vars(self))

    def sized(self, size: int) -> "Crops":
        """The same crops of `size` x `size` pixels."""
        edge = self.images.shape[1]
        if size == edge:
            return self
        how = cv2.INTER_AREA if size < edge else cv2.INTER_LINEAR
        images = [cv2.resize(image, (size, size), interpolation=how) for image in self.images]
        return replace(
            self,
            images=np.stack(images).astype(np.uint8, copy=False),
            joints_px=self.joints_px * (size / edge),
        )

    @classmethod
    def load(cls, path: Path) -> "Crops":
        """Read what `save` wrote; UserError where it is missing or broken."""
        return cls(**load_arrays(path, cls.__dataclass_fields__))

    @classmethod
    def load_all(cls, paths: Sequence[Path]) -> "Crops":
        """Several packs as one.

        Raises:
            UserError: one is missing or broken, or they are not of one size and margin.
        """
        packs = [cls.load(path) for path in paths]
        kinds = {(each.images.shape[1], float(each.margin)) for each in packs}
        if len(kinds) > 1:
            told = ", ".join(f"{size} px with margin {margin:g}" for size, margin in sorted(kinds))
            raise UserError(f"the photographs are cut in different ways ({told}); cut them alike")
        return cls(
            images=np.concatenate([each.images for each in packs]),
            joints_px=np.concatenate([each.joints_px for each in packs]),
            joints=np.concatenate([each.joints for each in packs]),
            files=np.concatenate([each.files for each in packs]),
            sides=np.concatenate([each.sides for each in packs]),
            margin=packs[0].margin,
        )
