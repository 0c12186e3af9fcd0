"""Bone lengths held over time: a person's bones do not grow from frame to frame."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import FINGERS, PARENTS

REMEMBERED = 90
"""The latest sure frames, whose median tells the lengths."""
ENOUGH = 5
"""Frames before the lengths count."""
SURE = 0.5
"""Mean confidence from which a frame tells of lengths."""
STRENGTH = 0.5
"""How far bones are drawn to the lengths held: 0 not at all, 1 wholly."""

_CHILDREN = np.arange(1, len(PARENTS))
_PARENTS = np.array(PARENTS[1:])


class BoneLengths:
    """One person's bones, in the unit of the joints, and joints drawn to them."""

    def __init__(self, strength: float = STRENGTH) -> None:
        self._strength = strength
        self._seen: deque[NDArray[np.float64]] = deque(maxlen=REMEMBERED)

    @property
    def lengths(self) -> NDArray[np.float64] | None:
        """The lengths (20,) of `BONES`; None before enough was seen."""
        return np.median(self._seen, axis=0) if len(self._seen) >= ENOUGH else None

    def __call__(
        self, joints: NDArray[np.float64], confidence: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Learn from joints (21, 3) around the wrist, and draw their bones to what was learnt.

        Each bone keeps its direction; what hangs on it moves along. confidence (21,): 0 to 1.
        """
        if confidence.mean() >= SURE:
            self._seen.append(_lengths(joints))
        held = self.lengths
        if held is None:
            return joints
        return with_lengths(joints, (1 - self._strength) * _lengths(joints) + self._strength * held)


def with_lengths(joints: NDArray[np.float64], lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same directions of bones, from the wrist on, with lengths (20,)."""
    now = np.maximum(_lengths(joints), np.finfo(float).tiny)
    bones = (joints[_CHILDREN] - joints[_PARENTS]) * (lengths / now)[:, None]
    fingers = bones.reshape(len(FINGERS), -1, 3).cumsum(axis=1)
    return np.concatenate([joints[:1], joints[0] + fingers.reshape(-1, 3)])


def _lengths(joints: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(joints[_CHILDREN] - joints[_PARENTS], axis=-1), np.float64)
