"""The network's joints turned back from its crops to the frame."""

from collections.abc import Sequence
from math import log
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.camera import Crop
from dfmamba.engine import DeviceFrames, open_runner
from dfmamba.errors import NotFinite
from dfmamba.hand import WRIST
from dfmamba.model import HandNetwork, ScanTrace, confidence

Traces = tuple[ScanTrace, ...]
"""What each deformable layer did with one crop: NumPy arrays, without the batch dimension."""


class Reading(NamedTuple):
    """What the network says of one hand of a crop, turned back to the frame."""

    joints_px: NDArray[np.float64]
    """(21, 2): frame pixels."""
    joints: NDArray[np.float64]
    """(21, 3): relative to the wrist, palm units, in the axes of a camera that faces the crop
    (`Crop.facing`)."""
    confidence: NDArray[np.float64]
    """(21,): the probability that each joint is right."""
    present: float
    """The probability that there is a hand."""
    right_side: float
    """The probability that it is of the side that the crop is mirrored for: a right hand in a crop
    that is not, a left one in a mirrored crop."""

    @property
    def score(self) -> float:
        """0 to 1, how sure the network is of a hand whose joints it sees.

        The geometric mean of `present` and the mean confidence: either alone can be deceived.
        """
        return float(np.sqrt(self.present * self.confidence.mean()))

    @property
    def is_hand(self) -> float:
        """Log odds, on a scale of its own, that there is a hand: of its joints and of `present`.

        Weighed as told real hands from what a finder takes for some. The network is rarely unsure
        that something is a hand, and oftener wrong.
        """
        return log_odds(float(self.confidence.mean())) + log_odds(self.present) / 3

    @property
    def fits(self) -> float:
        """Log odds, on a scale of its own, that the crop is mirrored as its hand needs.

        The joints of a hand that looks like the other one are unsure, the more the clearer it is.
        """
        sure = log_odds(float(self.confidence.mean()))
        return log_odds(self.present * self.right_side) + 2 * sure

    @property
    def other_side(self) -> "Reading":
        """The same, asked for the other side."""
        return self._replace(right_side=1 - self.right_side)


def log_odds(probability: float, most: float = 9.0) -> float:
    """The logarithm of the odds, no farther than `most` from 0."""
    inside = min(max(probability, 1e-6), 1 - 1e-6)
    return min(max(log(inside / (1 - inside)), -most), most)


class HandReader:
    """The network on its device, all crops of a frame at once.

    hands: how many it reads of each crop.
    """

    def __init__(
        self,
        network: HandNetwork,
        device: str | torch.device,
        frames: DeviceFrames | None = None,
    ) -> None:
        self._runner = open_runner(network, torch.device(device), frames)
        self.hands = self._runner.hands
        self._calibration = network.config.calibration

    def __call__(
        self, frame: NDArray[np.uint8], crops: Sequence[Crop], tracing: bool = False
    ) -> tuple[list[tuple[Reading, ...]], list[Traces]]:
        """The `hands` readings of each crop of an RGB frame (H, W, 3) uint8, in their order.

        When `tracing`, the traces of each crop as well; else none for each.

        Raises:
            NotFinite: the network gave values that are not finite.
        """
        if not crops:
            return [], []
        outputs, scans = self._runner(frame, crops, tracing)
        if not all(np.isfinite(part).all() for part in outputs):
            raise NotFinite("the network gives values that are not finite; try other weights")
        joints_px, joints, peaks = (part.astype(np.float64) for part in outputs[:3])
        readings = [
            tuple(
                Reading(
                    joints_px=crop.to_frame(joints_px[i, hand], 1),
                    # What the network saw mirrored, it also tells mirrored: x turns its sign.
                    joints=(joints[i, hand] - joints[i, hand, WRIST]) * crop.mirror,
                    confidence=confidence(peaks[i, hand], self._calibration),
                    present=float(outputs.present[i, hand]),
                    right_side=float(outputs.right[i, hand]),
                )
                for hand in range(self.hands)
            )
            for i, crop in enumerate(crops)
        ]
        return readings, [tuple(scan.picture(i) for scan in scans) for i in range(len(crops))]
