"""Crops of labelled photographs in one file: all that training and measuring need."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError
from dfmamba.files import load_arrays, save_arrays

OPTIONAL = ("present", "weights_right", "often")
"""Numbers of each crop that older packs lack."""
FITTED = 0.5
"""How much joints in 3D count that are fitted to labels in the picture, not measured."""


@dataclass(frozen=True)
class Crops:
    """N square crops, every hand shown as a right hand, and what is known of its joints."""

    images: NDArray[np.uint8]
    """(N, S, S, 3): RGB."""
    joints_px: NDArray[np.float64]
    """(N, 21, 2): crop pixels; of photographs MediaPipe's opinion, not the truth."""
    weights_2d: NDArray[np.float64]
    """(N, 21): how much each joint's place in the picture counts, 0 (not known) to 1."""
    joints: NDArray[np.float64]
    """(N, 21, 3): wrist-relative, palm units, axes of a camera that faces the crop.

    Of photographs MediaPipe's to measure against, `fitted` ones to train on.
    """
    weights_3d: NDArray[np.float64]
    """(N, 21): how much each of `joints` counts, 0 (not known) to 1."""
    files: NDArray[np.str_]
    """(N,): the name of the picture that each crop is of."""
    sides: NDArray[np.str_]
    """(N,): "left" or "right", the person's own hand."""
    margin: NDArray[np.float64] = field(default_factory=lambda: np.array(1.0))
    """(): the crops' edge over that of the network's crop."""
    present: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    """(N,): 1 where the crop shows a hand, else 0; 1 where it is left out."""
    weights_right: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    """(N,): how much the hand's side counts, 0 (not known) to 1; 1 where it is left out."""
    often: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    """(N,): how often the crop is drawn, beside others; 1 where it is left out."""

    def __post_init__(self) -> None:
        """What is left out of the numbers of each crop is 1."""
        for name in OPTIONAL:
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.ones(len(self.images)))

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
        """Read what `save` wrote; UserError where it is missing or broken.

        Packs from before there were weights hold photographs: of those every joint is labelled in
        the picture, and fitted in 3D.
        """
        optional = ("weights_2d", "weights_3d", *OPTIONAL)
        names = [each.name for each in fields(cls) if each.name not in optional]
        arrays = load_arrays(path, names, optional=optional)
        every = np.ones(arrays["joints"].shape[:2])
        return cls(**{"weights_2d": every, "weights_3d": FITTED * every} | arrays)

    @classmethod
    def load_all(cls, paths: Sequence[Path]) -> "Crops":
        """Several packs as one.

        Raises:
            UserError: one is missing or broken, or they are not of one size and margin.
        """
        packs = [cls.load(path) for path in paths]
        kinds = {(each.images.shape[1], float(each.margin)) for each in packs}
        if len(kinds) > 1:
            cuts = ", ".join(f"{size} px with margin {margin:g}" for size, margin in sorted(kinds))
            raise UserError(f"the photographs are cut in different ways ({cuts}); cut them alike")
        columns = {each.name: [getattr(pack, each.name) for pack in packs] for each in fields(cls)}
        margin = columns.pop("margin")[0]
        return cls(
            **{name: np.concatenate(parts) for name, parts in columns.items()}, margin=margin
        )


def evenly(total: int, count: int) -> NDArray[np.intp]:
    """Up to `count` indices, evenly spread over 0 to `total` - 1."""
    return np.linspace(0, total - 1, min(count, total)).round().astype(np.intp)
