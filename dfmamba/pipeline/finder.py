"""The finder as a detector: any frame in, the hands in it as the tracker takes them."""

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.finder.decode import LEAST_SCORE, Doubles, Found, decoded
from dfmamba.finder.network import COARSEST, FastFinder, FinderNetwork
from dfmamba.finder.weights import load_finder
from dfmamba.hand import Side
from dfmamba.images import Picture, reduced
from dfmamba.pipeline.detect import Detection, crop_of

LOOK_SIZE = 320
"""Frames are reduced to this longer side."""
_FINGERS = (
    (42.0, 0.385, (0.377, 0.31, 0.272)),
    (14.0, 0.986, (0.38, 0.252, 0.233)),
    (0.0, 1.0, (0.389, 0.276, 0.245)),
    (-14.0, 0.917, (0.366, 0.28, 0.237)),
    (-27.0, 0.85, (0.287, 0.213, 0.2)),
)
"""Of each finger, thumb first: its way from the wrist, degrees to the thumb's side; in palms, how
far off its knuckle is, and its bones (`rig.PROPORTIONS`)."""
RELAXED = 0.8
"""How long bent fingers look, of straight ones."""


def _mean_hand() -> Doubles:
    """Joints (21, 2) of a right hand seen from its palm, fingers up, the thumb to the right."""
    joints = [np.zeros(2)]
    for way, base, bones in _FINGERS:
        ray = np.array([math.sin(math.radians(way)), -math.cos(math.radians(way))])
        reach = np.cumsum([base, *(RELAXED * bone for bone in bones)])
        joints += list(reach[:, None] * ray)
    return np.stack(joints)


MEAN_HAND = _mean_hand()


def rough_joints(found: Found) -> Doubles:
    """Joints (N, 21, 2) of a mean hand turned as each hand is and fitted into its box.

    Their own box is the found one, so that the crop around them is the crop around the hand; beyond
    that they only serve to tell whether two detections are of one hand.
    """
    c, s = -found.direction[:, 1], found.direction[:, 0]
    turn = np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2)
    side = np.where(found.right > 0.5, 1.0, -1.0)[:, None, None]
    mirrored = MEAN_HAND * np.concatenate([side, np.ones_like(side)], -1)
    joints = mirrored @ turn.swapaxes(1, 2)
    low, high = joints.min(1, keepdims=True), joints.max(1, keepdims=True)
    share = (joints - low) / np.maximum(high - low, 1e-6)
    start, end = found.box[:, None, :2], found.box[:, None, 2:]
    return np.asarray(start + share * (end - start))


class FinderDetector:
    """Finds hands by the network of this package; a detector as `pipeline.detect.Detector` says."""

    def __init__(
        self,
        network: FinderNetwork | Path,
        device: torch.device | str = "cpu",
        least_score: float = LEAST_SCORE,
    ) -> None:
        """Take a network, or its weights' file.

        Raises:
            UserError: the file is missing, damaged, or of another kind.
        """
        if isinstance(network, Path):
            network = load_finder(network, device)
        self.device = torch.device(device)
        self.least_score = least_score
        self._finder = FastFinder(network.eval())

    def __call__(self, image: NDArray[np.uint8]) -> list[Detection]:
        """The hands in an RGB frame (H, W, 3) uint8, not mirrored; the likeliest first."""
        found = self.found(image)
        detections = []
        for joints_px, right in zip(rough_joints(found), found.right, strict=True):
            side: Side = "right" if right > 0.5 else "left"
            sure = float(max(right, 1 - right))
            detections.append(Detection(crop_of(joints_px, side), side, sure, joints_px))
        return detections

    def found(self, image: Picture) -> Found:
        """All that the network says of each hand, in the frame's pixels."""
        small = reduced(image, LOOK_SIZE)
        height, width = small.shape[:2]
        padded = np.zeros((_whole(height), _whole(width), 3), np.uint8)
        padded[:height, :width] = small
        frame = torch.from_numpy(padded).permute(2, 0, 1)[None].to(self.device)
        (found,) = decoded(self._finder(frame), self.least_score)
        return found.scaled(image.shape[1] / width)

    def close(self) -> None:
        """Nothing is held."""


def _whole(length: int) -> int:
    """The next multiple of the coarsest cells' edge."""
    return -(-length // COARSEST) * COARSEST
