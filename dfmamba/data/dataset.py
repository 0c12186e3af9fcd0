"""What a data set is: labelled pictures, read one at a time, whose joints map onto ours."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import Intrinsics
from dfmamba.hand import JOINT_COUNT, Side
from dfmamba.images import Picture, read_picture

JointMap: TypeAlias = tuple[int | None, ...]
"""For each of our 21 joints its row in a data set's joints; None where the set lacks it."""
SAME_ORDER: JointMap = tuple(range(JOINT_COUNT))
"""Of data sets whose joints are in our order."""


@dataclass(frozen=True)
class Hand:
    """One labelled hand: J joints, in the order of its data set."""

    side: Side
    """The person's own hand."""
    joints_px: NDArray[np.float64]
    """(J, 2): pixels of the picture; (0, 0) is the corner of its top-left pixel."""
    valid_px: NDArray[np.bool_]
    """(J,): whose place in the picture is labelled; the others' rows of `joints_px` mean nothing.
    """
    joints_mm: NDArray[np.float64] | None = None
    """(J, 3): mm, camera frame (x right, y down, z away); None where nothing is labelled in 3D.

    Of a sample without intrinsics: axes of a camera that looks at the middle of the hand.
    """
    valid_mm: NDArray[np.bool_] | None = None
    """(J,): which joints are labelled in 3D; None: as in the picture."""
    root_valid: bool = True
    """Whether `joints_mm` say where the hand is; otherwise only differences between them count."""

    def in_our_order(self, joint_map: JointMap) -> "Hand":
        """The hand with our 21 joints; those that its data set lacks are not valid, and 0."""
        rows = np.array([-1 if row is None else row for row in joint_map])
        valid_px = self.valid_px[rows] & (rows >= 0)
        joints_px = np.where(valid_px[:, None], self.joints_px[rows], 0.0)
        if self.joints_mm is None:
            return Hand(self.side, joints_px, valid_px)
        known = self.valid_px if self.valid_mm is None else self.valid_mm
        valid_mm = known[rows] & (rows >= 0)
        joints_mm = np.where(valid_mm[:, None], self.joints_mm[rows], 0.0)
        return Hand(self.side, joints_px, valid_px, joints_mm, valid_mm, self.root_valid)


@dataclass(frozen=True)
class Sample:
    """One picture and what is known of it."""

    name: str
    """Of the picture; no other one of the data set has it."""
    image: Path | Picture
    """The picture, RGB (H, W, 3), or the file that holds it."""
    hands: tuple[Hand, ...]
    """The labelled hands, none where no hand was found or labelled."""
    intrinsics: Intrinsics | None = None
    """The camera, or None where it is not known."""

    def picture(self) -> Picture:
        """RGB (H, W, 3); UserError where the file cannot be read."""
        return read_picture(self.image) if isinstance(self.image, Path) else self.image


class DataSet(Protocol):
    """Pictures with labels, by index."""

    @property
    def name(self) -> str:
        """Short, for messages and file names."""

    @property
    def source(self) -> str:
        """One line: where the pictures and the labels come from, and under which licence."""

    @property
    def joint_map(self) -> JointMap:
        """How the joints of its hands become ours."""

    def __len__(self) -> int:
        """How many pictures it has."""

    def __getitem__(self, index: int) -> Sample:
        """A picture of an index, 0-based, read when it is asked for; IndexError beyond the last."""
