"""The finder as a detector: any frame in, the hands in it as the tracker takes them."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dfmamba.engine import DeviceFrames
from dfmamba.finder.decode import LEAST_SCORE, Doubles, Found, joined, once
from dfmamba.finder.look import LOOK_SIZE, Look, Part, ProcessorLook
from dfmamba.finder.network import FinderNetwork
from dfmamba.finder.weights import load_finder
from dfmamba.hand import PALM, Side
from dfmamba.images import Picture
from dfmamba.pipeline.detect import Detection, crop_of
from dfmamba.weights import FINDER_WEIGHTS

TILES = 3
"""Along each side of a frame that is larger than a look."""
OVERLAP = 0.25
"""Of tiles, of their own size."""
SMALL = 0.4
"""A hand found in a tile is no longer than this share of it: larger ones are seen in the whole."""
AT_TILES = 0.35
"""Sightings nearer than this, of the smaller hand's size, are of one hand in two tiles."""
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
    """Joints (21, 2) of a right hand seen from its palm, fingers up, the thumb to the right.

    The middle of its palm is (0, 0).
    """
    joints = [np.zeros(2)]
    for way, base, bones in _FINGERS:
        ray = np.array([math.sin(math.radians(way)), -math.cos(math.radians(way))])
        reach = np.cumsum([base, *(RELAXED * bone for bone in bones)])
        joints += list(reach[:, None] * ray)
    hand = np.stack(joints)
    return np.asarray(hand - hand[list(PALM)].mean(0))


MEAN_HAND = _mean_hand()


def rough_joints(found: Found) -> Doubles:
    """Joints (N, 21, 2) of a mean hand turned as each hand is, its palm there, fitted into its box.

    Their own box is the found one, so that the crop around them is the crop around the hand; beyond
    that they only serve to tell whether two detections are of one hand.
    """
    c, s = -found.direction[:, 1], found.direction[:, 0]
    turn = np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2)
    side = np.where(found.right > 0.5, 1.0, -1.0)[:, None, None]
    joints = MEAN_HAND * np.concatenate([side, np.ones_like(side)], -1) @ turn.swapaxes(1, 2)
    palm = found.palm[:, None]
    # From the palm, each of four ways is stretched by itself.
    down = -joints.min(1, keepdims=True), joints.max(1, keepdims=True)
    reach = palm - found.box[:, None, :2], found.box[:, None, 2:] - palm
    stretched = np.where(joints < 0, reach[0] / down[0], reach[1] / down[1])
    return np.asarray(palm + joints * stretched)


class FinderDetector:
    """Finds hands by the network of this package; a detector as `pipeline.detect.Detector` says."""

    def __init__(
        self,
        network: FinderNetwork | Path = FINDER_WEIGHTS,
        frames: DeviceFrames | None = None,
        least_score: float = LEAST_SCORE,
    ) -> None:
        """Take a network, or its weights' file; frames: of the GPU that it runs on, if it does.

        Raises:
            UserError: the file is missing, damaged, or of another kind.
        """
        if isinstance(network, Path):
            network = load_finder(network)
        self.least_score = least_score
        self._look = _open_look(network.eval(), frames)

    def __call__(self, image: NDArray[np.uint8]) -> list[Detection]:
        """The hands in an RGB frame (H, W, 3) uint8, not mirrored; the likeliest first.

        The frame is looked at as a whole and in all its tiles.
        """
        return self.detections(image, tiles_of(image))

    def detections(self, image: NDArray[np.uint8], tiles: Sequence[Part] = ()) -> list[Detection]:
        """The hands that are seen in the whole frame and in some of its tiles."""
        found = self.found(image, tiles)
        detections = []
        facts = zip(rough_joints(found), found.right, found.score, strict=True)
        for joints_px, right, score in facts:
            side: Side = "right" if right > 0.5 else "left"
            sure = float(max(right, 1 - right))
            crop = crop_of(joints_px, side)
            detections.append(Detection(crop, side, sure, joints_px, float(score)))
        return detections

    def found(self, image: Picture, tiles: Sequence[Part] = ()) -> Found:
        """All that the network says of each hand, in the frame's pixels."""
        height, width = image.shape[:2]
        (whole,) = self._look(image, [Part(0, 0, width, height)], self.least_score)
        if not tiles:
            return whole
        near = self._look(image, tiles, self.least_score)
        parts = [
            hands.rows(_within(hands, tile, width, height))
            for hands, tile in zip(near, tiles, strict=True)
        ]
        return once(joined([whole, *parts]), AT_TILES)

    def close(self) -> None:
        """Nothing is held."""


def _open_look(network: FinderNetwork, frames: DeviceFrames | None) -> Look:
    if frames is None:
        return ProcessorLook(network)
    from dfmamba.finder.graph import GraphLook  # needs Triton

    return GraphLook(network, frames)


def tiles_of(image: Picture) -> list[Part]:
    """Parts that together show a large frame, and any small hand whole; none of a small one."""
    height, width = image.shape[:2]
    if max(height, width) <= 1.5 * LOOK_SIZE:
        return []
    share = 1 / (TILES - (TILES - 1) * OVERLAP)
    across, over = max(round(share * width), 1), max(round(share * height), 1)
    lefts = np.linspace(0, width - across, TILES).round().astype(int).tolist()
    tops = np.linspace(0, height - over, TILES).round().astype(int).tolist()
    return [Part(x, y, across, over) for y in tops for x in lefts]


def _within(found: Found, tile: Part, width: int, height: int) -> NDArray[np.bool_]:
    """Which hands are small, and not cut by a border that is not the frame's own."""
    x0, y0, x1, y1 = found.box.T
    right, bottom = tile.x + tile.width, tile.y + tile.height
    cut = (x0 < tile.x) & (tile.x > 0) | (x1 > right) & (right < width)
    cut |= (y0 < tile.y) & (tile.y > 0) | (y1 > bottom) & (bottom < height)
    return np.asarray(~cut & (found.size <= SMALL * max(tile.width, tile.height)))
