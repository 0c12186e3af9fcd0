"""Real hands whose skin a depth camera has measured, as no photograph of `real` or `space` is.

Depth cameras take no photographs, so their pictures are shaded as if a lamp shone on skin. A joint
lies some 5 to 15 mm under the skin at its pixel, so that true joints would not be at 0 either.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import Crop, Intrinsics
from dfmamba.data.crops import Crops
from dfmamba.evaluate.predict import Prediction
from dfmamba.hand import WRIST
from dfmamba.images import read_depth_picture
from dfmamba.metrics import Doubles, best_scaled_error, palm_units, procrustes_error
from dfmamba.pipeline.detect import crop_of
from dfmamba.pipeline.landmarker import Landmarker, SeenHand

CAMERA = Intrinsics(476.007, 476.007, 313.683, 242.755)
UNIT_MM = 0.125
"""Of the SR305 camera of LadaOndris/hand-recognition."""
REACH_MM = 250.0
"""How deep the nearest thing may be: a hand and its arm, and not the room."""
LAMPS = ((-0.4, -0.6, -0.7), (0.5, -0.4, -0.75), (0.0, -0.2, -1.0), (0.1, -0.8, -0.6))
SKINS = ((215, 175, 150), (165, 120, 95), (120, 80, 60), (228, 190, 170))
"""Directions to lamps, camera axes, and RGB colours, one of each for every shading."""
WINDOW = 2
"""Pixels on each side of a joint's whose median is its depth."""
AWAY_MM = 90.0
"""Skin that is farther from the hand's middle depth is not the hand's."""
LEAST_JOINTS = 15
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class SkinDistance:
    """Means over hands of the distances from joints to the skin at their pixels."""

    hands: int
    """How many were judged."""
    best_scaled_mm: float
    """mm, moved and scaled as fits each hand best."""
    pa_mm: float
    """mm, turned as well."""


class DepthHand(NamedTuple):
    """A hand that MediaPipe found in a shaded picture."""

    name: str
    """Folder and file of the depth picture."""
    picture: Bytes
    """(H, W, 3): RGB, shaded."""
    depth: Floats
    """(H, W): mm, 0 where it is not known."""
    mask: NDArray[np.bool_]
    """(H, W): what belongs to the hand or its arm."""
    seen: SeenHand
    """What MediaPipe found."""

    @property
    def crop(self) -> Crop:
        """Of the network, around MediaPipe's joints."""
        return crop_of(self.seen.joints_px, self.seen.side)


def depth_hands(folder: Path) -> list[DepthHand]:
    """The hands of a folder's depth pictures, each shaded in several ways.

    What MediaPipe takes for a hand under a single lamp is left out: it may be a head.
    """
    hands: list[DepthHand] = []
    with Landmarker(max_hands=1) as landmarker:
        for path in sorted(folder.rglob("*.png")):
            depth = read_depth(path)
            mask = nearest(depth)
            pictures = [shaded(depth, mask, way) for way in range(len(LAMPS))]
            found = [(picture, seen) for picture in pictures for seen in landmarker(picture)]
            if len(found) > 1:
                name = f"{path.parent.name}/{path.name}"
                hands += [DepthHand(name, picture, depth, mask, seen) for picture, seen in found]
    return hands


def read_depth(path: Path) -> Floats:
    """Depth in mm (H, W), 0 where it is not known.

    Raises:
        UserError: the file is no picture of 16 bits.
    """
    return np.asarray(read_depth_picture(path) * UNIT_MM, np.float32)


def nearest(depth: Floats) -> NDArray[np.bool_]:
    """The largest thing (H, W) within `REACH_MM` of what is nearest to the camera."""
    known = depth > 0
    if not known.any():
        return known
    near = known & (depth < np.percentile(depth[known], 1) + REACH_MM)
    near = cv2.morphologyEx(near.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, parts, sizes, _ = cv2.connectedComponentsWithStats(near)
    largest = 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA])) if len(sizes) > 1 else -1
    return np.asarray(parts == largest)


def shaded(depth: Floats, mask: NDArray[np.bool_], way: int) -> Bytes:
    """An RGB picture (H, W, 3) of the skin under a lamp, before a blurred room."""
    random = np.random.default_rng(way)
    grain = 1 + 0.03 * random.standard_normal((*depth.shape, 1))
    skin = _lit(depth, mask, way)[..., None] * np.array(SKINS[way]) * grain
    patches = random.uniform(40, 200, (4, 5, 3))
    room = cv2.resize(patches, depth.shape[::-1], interpolation=cv2.INTER_CUBIC)
    cover = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)[..., None]
    return np.asarray(np.clip(cover * skin + (1 - cover) * room, 0, 255), np.uint8)


def _lit(depth: Floats, mask: NDArray[np.bool_], way: int) -> Doubles:
    """How bright the skin is (H, W): by the angle between its normal and the way to the lamp."""
    behind = np.where(mask, depth, depth[mask].max(initial=1.0)).astype(np.float32)
    smooth = np.asarray(cv2.bilateralFilter(behind, 9, 12, 4), np.float64)
    rows, columns = np.indices(depth.shape)
    skin = CAMERA.unproject(np.stack([columns, rows], -1), smooth)
    normals = np.cross(np.gradient(skin, axis=0), np.gradient(skin, axis=1))
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-6)
    lamp = np.array(LAMPS[way]) / np.linalg.norm(LAMPS[way])
    return np.asarray(0.35 + 0.75 * np.clip(normals @ lamp, 0, 1))


def skin_points(hand: DepthHand, joints_px: Doubles) -> Doubles:
    """Skin (21, 3) at frame pixels (21, 2), mm, as a camera that faces the crop sees it.

    Left hands mirrored, as the network sees them; nan where there is no skin.
    """
    depths = np.array([_depth_at(hand, *pixel) for pixel in joints_px.round().astype(int)])
    middle = np.median(depths[~np.isnan(depths)]) if not np.isnan(depths).all() else np.nan
    depths[np.abs(depths - middle) > AWAY_MM] = np.nan
    points = CAMERA.unproject(joints_px, depths) @ hand.crop.facing(CAMERA).T
    return np.asarray(points * hand.crop.mirror)


def _depth_at(hand: DepthHand, x: int, y: int) -> float:
    rows, columns = (slice(max(at - WINDOW, 0), max(at + WINDOW + 1, 0)) for at in (y, x))
    depths, mask = hand.depth[rows, columns], hand.mask[rows, columns]
    return float(np.median(depths[mask])) if mask.sum() > mask.size / 2 else np.nan


def distance(joints: Doubles, skin: Doubles) -> tuple[float, float]:
    """How far joints (21, 3) are from skin (21, 3): best scale, PA; nan where little is known."""
    known = ~np.isnan(skin[:, 2])
    if known.sum() < LEAST_JOINTS:
        return np.nan, np.nan
    pair = joints[known], skin[known]
    # Scaled about the joints' middle, in the wrist's place: the wrist may not be seen.
    around = [np.insert(each - each.mean(axis=0), WRIST, 0.0, axis=0)[None] for each in pair]
    scaled = best_scaled_error(*around)[:, 1:].mean()
    return float(scaled), float(procrustes_error(*(each[None] for each in pair)).mean())


def depth_crops(hands: list[DepthHand], size: int) -> Crops:
    """The hands as crops of `size` pixels, with MediaPipe's joints."""
    joints_mm = np.stack([hand.seen.joints_mm for hand in hands])
    every = np.ones(joints_mm.shape[:2])
    return Crops(
        images=np.stack([hand.crop.extract(hand.picture, size) for hand in hands]),
        joints_px=np.stack([hand.crop.to_crop(hand.seen.joints_px, size) for hand in hands]),
        weights_2d=every,
        # MediaPipe finds them in a crop of its own, so that they face it already.
        joints=palm_units(joints_mm) * np.stack([hand.crop.mirror for hand in hands])[:, None],
        weights_3d=every,
        files=np.array([hand.name for hand in hands]),
        sides=np.array([hand.seen.side for hand in hands]),
    )


def skin_distances(
    hands: list[DepthHand], crops: Crops, found: Prediction
) -> dict[str, SkinDistance]:
    """Of the network's joints in the hands' crops and of MediaPipe's, where both can be judged."""
    size = crops.images.shape[1]
    both = (found.joints_px, found.joints), (crops.joints_px, crops.joints)
    errors = np.array(
        [
            [
                distance(joints[i], skin_points(hand, hand.crop.to_frame(joints_px[i], size)))
                for joints_px, joints in both
            ]
            for i, hand in enumerate(hands)
        ]
    )
    judged = errors[~np.isnan(errors).any(axis=(1, 2))]
    names = ("network", "MediaPipe") if len(judged) else ()
    return {
        name: SkinDistance(len(judged), *judged[:, i].mean(axis=0).tolist())
        for i, name in enumerate(names)
    }
