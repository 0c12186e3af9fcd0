"""What a runner tells of each crop, as one row of numbers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfmamba.hand import JOINT_COUNT

JOINT_NUMBERS = 6
"""Of each joint: x, y from 0 to 1 across the crop; x, y, z in palm units; the heatmap's peak."""
HAND_NUMBERS = 2
"""Of each crop, 0 to 1: that it shows a hand, and that it shows it as a right one."""
NUMBERS = JOINT_COUNT * JOINT_NUMBERS + HAND_NUMBERS


class Outputs(NamedTuple):
    """joints (hands, 21, JOINT_NUMBERS) and hand (hands, HAND_NUMBERS).

    The places in 3D need not be relative to the wrist.
    """

    joints: NDArray[np.float32]
    hand: NDArray[np.float32]

    @classmethod
    def of(cls, rows: NDArray[np.float32]) -> "Outputs":
        """Views of rows (hands, NUMBERS)."""
        joints = rows[:, :-HAND_NUMBERS].reshape(-1, JOINT_COUNT, JOINT_NUMBERS)
        return cls(joints, rows[:, -HAND_NUMBERS:])
