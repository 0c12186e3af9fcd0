"""Parts of labelled photographs that show no hand: backgrounds for made pictures."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.data.crops import evenly
from dfmamba.data.labelled import photograph
from dfmamba.data.labels import Labels
from dfmamba.images import Picture, read_picture

BESIDE = 0.3
"""How far from a hand's joints, in its box's sides, the arm and the hand no longer show."""
LEAST_STRIP = 0.4
"""Of the picture's width: a narrower strip is left out."""


def hand_free(labels: Labels, folder: Path, count: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Parts of a folder's pictures that show no hand, as backgrounds (N, 3, height, width).

    size: their height and width. One from each picture where there is room beside the hands'
    crops, from pictures evenly spread over the folder; none where there is no room in any.
    Pictures in which no hand was found are left out, as one was likely missed.
    """
    found = []
    for name in np.unique(labels.files):
        picture = read_picture(photograph(folder, name))
        part = _beside_hands(labels.joints_px[labels.files == name], picture)
        if part is not None:  # made small at once: a folder of photographs fills no memory
            found.append(cv2.resize(part, (size[1], size[0]), interpolation=cv2.INTER_AREA))
    if not found:
        return np.empty((0, 3, *size), np.uint8)
    parts = np.stack([found[i] for i in evenly(len(found), count)])
    return np.asarray(parts.transpose(0, 3, 1, 2), np.uint8)


def _beside_hands(joints_px: NDArray[np.float64], picture: Picture) -> Picture | None:
    """The widest strip of a picture beside all of its hands (N, 21, 2), if it is wide enough."""
    width = picture.shape[1]
    taken = np.zeros(width, bool)
    for joints in joints_px:
        reach = BESIDE * np.ptp(joints, axis=0).max()
        low, high = joints[:, 0].min() - reach, joints[:, 0].max() + reach
        taken[max(int(low), 0) : max(int(high), 0)] = True
    edges = np.flatnonzero(np.diff(np.concatenate([[True], taken, [True]]).astype(int)))
    if not len(edges):
        return None
    starts, ends = edges[::2], edges[1::2]
    widest = int(np.argmax(ends - starts))
    start, end = starts[widest], ends[widest]
    return picture[:, start:end] if end - start >= LEAST_STRIP * width else None
