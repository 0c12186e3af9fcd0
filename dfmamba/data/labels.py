"""Joints that MediaPipe finds in a folder of photographs, kept in one file.

These labels are MediaPipe's opinion, not the truth: where they are wrong, so is every figure
that is measured against them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from dfmamba.data.consensus import VIEWS, CheckedHand, checked_hands
from dfmamba.errors import UserError
from dfmamba.files import load_arrays, save_arrays
from dfmamba.hand import JOINT_COUNT
from dfmamba.images import read_picture
from dfmamba.pipeline.landmarker import Landmarker

_SUFFIXES = {".jpg", ".jpeg", ".png"}
_SAVE_EVERY = 200
LEAST_VIEWS = VIEWS - 1
MOST_SPREAD = 0.03
"""Of the hand box's longer side; measured, see the card of the weights."""


@dataclass(frozen=True)
class Labels:
    """N hands found in P pictures."""

    pictures: NDArray[np.str_]
    """(P,): names of all the pictures looked at, with or without a hand."""
    files: NDArray[np.str_]
    """(N,): the picture of each hand."""
    sides: NDArray[np.str_]
    """(N,): "left" or "right", the person's own hand."""
    scores: NDArray[np.float64]
    """(N,): how sure MediaPipe is of the side, 0.5 to 1."""
    joints_px: NDArray[np.float64]
    """(N, 21, 2): pixels of the picture."""
    joints_mm: NDArray[np.float64]
    """(N, 21, 3): mm, relative to the wrist, axes of a camera that looks at the hand."""
    views: NDArray[np.int64]
    """(N,): how many views saw the hand, as in `CheckedHand`."""
    spread: NDArray[np.float64]
    """(N,): how far the views disagree, as in `CheckedHand`."""
    unanimous: NDArray[np.bool_]
    """(N,): whether all views say the same side."""

    def __len__(self) -> int:
        return len(self.files)

    @classmethod
    def empty(cls) -> "Labels":
        """No picture looked at yet."""
        names = np.empty(0, "<U1")
        return cls(
            pictures=names,
            files=names,
            sides=names,
            scores=np.empty(0),
            joints_px=np.empty((0, JOINT_COUNT, 2)),
            joints_mm=np.empty((0, JOINT_COUNT, 3)),
            views=np.empty(0, np.int64),
            spread=np.empty(0),
            unanimous=np.empty(0, bool),
        )

    @property
    def agreed(self) -> NDArray[np.bool_]:
        """Which labels (N,) the views of the hand agree on well enough to be believed."""
        return (self.views >= LEAST_VIEWS) & (self.spread < MOST_SPREAD) & self.unanimous

    def add(self, picture: str, checked: Sequence[CheckedHand]) -> "Labels":
        """These labels and one more picture's."""
        pictures = np.append(self.pictures, picture)
        if not checked:
            return replace(self, pictures=pictures)
        hands = [each.hand for each in checked]
        return Labels(
            pictures=pictures,
            files=np.append(self.files, [picture] * len(hands)),
            sides=np.append(self.sides, [hand.side for hand in hands]),
            scores=np.append(self.scores, [hand.score for hand in hands]),
            joints_px=np.concatenate([self.joints_px, [hand.joints_px for hand in hands]]),
            joints_mm=np.concatenate([self.joints_mm, [hand.joints_mm for hand in hands]]),
            views=np.append(self.views, [each.views for each in checked]),
            spread=np.append(self.spread, [each.spread for each in checked]),
            unanimous=np.append(self.unanimous, [each.unanimous for each in checked]),
        )

    def select(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Labels":
        """The hands that a mask (N,) or indices choose; `pictures` stays whole."""
        return Labels(
            pictures=self.pictures,
            files=self.files[chosen],
            sides=self.sides[chosen],
            scores=self.scores[chosen],
            joints_px=self.joints_px[chosen],
            joints_mm=self.joints_mm[chosen],
            views=self.views[chosen],
            spread=self.spread[chosen],
            unanimous=self.unanimous[chosen],
        )

    def save(self, path: Path) -> None:
        """Write as .npz, whole or not at all."""
        save_arrays(path, vars(self))

    @classmethod
    def load(cls, path: Path) -> "Labels":
        """Read what `save` wrote; UserError where it is missing or broken."""
        return cls(**load_arrays(path, cls.__dataclass_fields__))


def pictures_in(folder: Path) -> list[Path]:
    """The pictures of a folder in the order of their names; UserError where there are none."""
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; give one with photographs")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    if not found:
        raise UserError(f"{folder} holds no .jpg or .png picture; give a folder with photographs")
    return found


def label_folder(folder: Path, out: Path) -> Labels:
    """Label every picture of a folder with MediaPipe and store the labels in `out` (.npz).

    A run that was stopped goes on where `out` ends.
    """
    labels = Labels.load(out) if out.exists() else Labels.empty()
    known = set(labels.pictures.tolist())
    todo = [path for path in pictures_in(folder) if path.name not in known]
    if not todo:
        return labels
    out.parent.mkdir(parents=True, exist_ok=True)  # what is in the way is reported before any work
    try:
        with Landmarker() as teacher:
            for count, path in enumerate(track(todo, f"labelling {folder.name}"), start=1):
                labels = labels.add(path.name, checked_hands(read_picture(path), teacher))
                if count % _SAVE_EVERY == 0:
                    labels.save(out)
    finally:  # after Ctrl-C or a broken picture too
        labels.save(out)
    return labels
