"""Looks of the finder at parts of a frame, each reduced to the size that the network knows."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import cv2
import numpy as np
import torch

from dfmamba.finder.decode import Found, decoded
from dfmamba.finder.network import COARSEST, FastFinder, FinderNetwork
from dfmamba.images import Picture

LOOK_SIZE = 320
"""Pixels of the longer side of what the network sees."""


class Part(NamedTuple):
    """A rectangle of a frame, px; those that are looked at together are of one size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def scale(self) -> float:
        """Pixels of the frame along one that the network sees: 1 of small ones, else more."""
        return max(self.width, self.height, LOOK_SIZE) / LOOK_SIZE


class Look(Protocol):
    """Finds the hands in parts of a frame."""

    def __call__(self, frame: Picture, parts: Sequence[Part], least_score: float) -> list[Found]:
        """The hands in each part of an RGB frame (H, W, 3), in pixels of the frame."""


class ProcessorLook:
    """Looks on the processor."""

    def __init__(self, network: FinderNetwork) -> None:
        self._finder = FastFinder(network)

    def __call__(self, frame: Picture, parts: Sequence[Part], least_score: float) -> list[Found]:
        """As `Look`."""
        width, height = (max(round(side / parts[0].scale), 1) for side in parts[0][2:])
        shape = len(parts), _whole(height), _whole(width), 3
        pictures = np.zeros(shape, np.uint8)
        for picture, part in zip(pictures, parts, strict=True):
            there = frame[part.y : part.y + part.height, part.x : part.x + part.width]
            picture[:height, :width] = _resized(there, width, height)
        maps = self._finder(torch.from_numpy(pictures).permute(0, 3, 1, 2))
        found = decoded(maps, least_score)
        return [
            hands.moved(part.scale, part.x, part.y)
            for hands, part in zip(found, parts, strict=True)
        ]


def _resized(picture: Picture, width: int, height: int) -> Picture:
    """Mean colours of areas; of large pictures less exact, in a third of the time."""
    if picture.shape[1] > 2 * width:
        picture = _resize(picture, 2 * width, 2 * height, cv2.INTER_LINEAR)
    return _resize(picture, width, height, cv2.INTER_AREA)


def _resize(picture: Picture, width: int, height: int, how: int) -> Picture:
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)


def _whole(length: int) -> int:
    """The next multiple of the coarsest cells' edge."""
    return -(-length // COARSEST) * COARSEST
