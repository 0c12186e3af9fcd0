"""Which photographs belong together, and which are kept from training.

Frames of one recording look alike, and so do pictures of one person's hand: both halves of a split
by picture would show the same thing. So whole recordings, and whole people, go to one half.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dfmamba.data.labels import Labels
from dfmamba.data.real_hands import kept_from_training

Split = Literal["training", "validation"]
"""Pictures to train on, and pictures kept from training."""
VALIDATION_EVERY = 6
_DIGIT = re.compile(r"(\d)-IMG_(\d+)")
_LEAST_PICTURES = 6


def split_of(labels: Labels, folder: str, split: Split) -> Labels:
    """The pictures of one split, with or without a hand, and their hands; folder: as its name."""
    # Decided from all pictures: those with a hand may lack a whole person, or a digit of one.
    kept = validation(labels.pictures.tolist(), folder) == (split == "validation")
    pictures = labels.pictures[kept]
    return replace(labels.select(np.isin(labels.files, pictures)), pictures=pictures)


def validation(names: Sequence[str], folder: str) -> NDArray[np.bool_]:
    """Which of a folder's pictures (N,) are kept from training.

    In Sign-Language-Digits-Dataset each person showed 0 to 9 in a row, so that a person begins
    where the digit falls: every sixth one is kept. Of other folders under real/, scenes of the
    pictures that are marked by eye are kept (`real_hands`); a folder without any trains whole.
    """
    digits = [_DIGIT.match(name) for name in names]
    if names and all(digits):
        people = _people([(int(m[2]), int(m[1])) for m in digits if m])
        return np.asarray(people % VALIDATION_EVERY == 0)
    return np.array([kept_from_training(folder, name) for name in names], bool)


def _people(shots: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """The person of each (picture number, digit), counted in the order of the numbers."""
    order = sorted(range(len(shots)), key=lambda row: shots[row])
    people = np.zeros(len(shots), np.int64)
    person, since, last = 0, 0, -1
    for row in order:
        digit = shots[row][1]
        # A short run is one person's, shown out of order.
        if digit <= last and since >= _LEAST_PICTURES:
            person, since = person + 1, 0
        people[row], since, last = person, since + 1, digit
    return people
