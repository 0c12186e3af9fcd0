"""Cuts labelled photographs into crops."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.data.crops import Crops
from dfmamba.data.hand_fit import fitted_joints
from dfmamba.data.labels import Labels
from dfmamba.errors import UserError
from dfmamba.evaluate.sheet import evenly
from dfmamba.hand import MIDDLE_MCP
from dfmamba.images import read_picture
from dfmamba.metrics import box_sides, palm_units
from dfmamba.pipeline.detect import crop_of
from dfmamba.synth.hand.hand_model import HandArrays, HandModel
from dfmamba.synth.rotations import axis_turn

LEAST_SCORE = 0.8
LEAST_SIDE_PX = 24.0
LEAST_JOINTS_INSIDE = 16
BESIDE = 0.3
"""How far from a hand's joints, in its box's sides, the arm and the hand no longer show."""
LEAST_STRIP = 0.4
LEAN = 8.0
"""How much MediaPipe's hands in space lean towards the camera, degrees: by 10 on depth pictures of
17 real hands, by 4 on 52 made ones."""
Bytes = NDArray[np.uint8]


def pack_crops(labels: Labels, folder: Path, size: int = 128, margin: float = 1.0) -> Crops:
    """The hands of a labelled folder as crops of `size` pixels; left hands are mirrored.

    margin: the crops' edge over that of the network's crop. Leaves out labels that are likely
    wrong: views that do not agree, a doubtful side, a tiny hand, one mostly outside the picture.
    """
    labels = labels.select(labels.agreed & (labels.scores > LEAST_SCORE))
    images, joints, kept = [], [], []
    for index in range(len(labels)):
        picture, joints_px = _photograph(folder, labels.files[index]), labels.joints_px[index]
        if not _credible(joints_px, picture):
            continue
        crop = crop_of(joints_px, "left" if labels.sides[index] == "left" else "right")
        crop = replace(crop, side=crop.side * margin)
        images.append(crop.extract(picture, size))
        joints.append(crop.to_crop(joints_px, size))
        kept.append(index)
    if not kept:
        raise UserError(f"no hand in {folder} is labelled well enough to be measured against")
    return Crops(
        np.stack(images),
        np.stack(joints),
        in_space(labels.joints_mm[kept], labels.sides[kept]),
        labels.files[kept],
        labels.sides[kept],
        np.array(margin),
    )


def fitted(crops: Crops) -> Crops:
    """Crops with the hand model's joints in space, fitted to MediaPipe's, in place of its own."""
    joints_px, joints = (torch.from_numpy(each).float() for each in (crops.joints_px, crops.joints))
    model, size = HandModel(HandArrays.load()), crops.images.shape[1]
    found = fitted_joints(model, joints_px, _leant_back(joints), size)
    return replace(crops, joints=found.double().numpy())


def _leant_back(joints: torch.Tensor) -> torch.Tensor:
    """Joints (N, 21, 3) turned about the wrist until the fingers are farther by `LEAN`."""
    x, y, _ = joints[:, MIDDLE_MCP].unbind(-1)
    upright = axis_turn(torch.atan2(x, -y).rad2deg(), 2)
    return joints @ upright @ axis_turn(torch.tensor(LEAN), 0) @ upright.mT


def in_space(joints_mm: NDArray[np.float64], sides: NDArray[np.str_]) -> NDArray[np.float64]:
    """Joints (N, 21, 3) of hands as they are shown, left ones mirrored, in palm units.

    MediaPipe finds them in a crop of its own, so that they face it already.
    """
    mirrored = np.where((sides == "left")[:, None, None], [-1.0, 1.0, 1.0], 1.0)
    return np.asarray(palm_units(joints_mm) * mirrored)


def hand_free(labels: Labels, folder: Path, count: int, size: tuple[int, int]) -> Bytes:
    """Parts of a folder's pictures that show no hand, as backgrounds (N, 3, height, width).

    size: their height and width. One from each picture where there is room beside the hands'
    crops, from pictures evenly spread over the folder; none where there is no room in any.
    Pictures in which no hand was found are left out, as one was likely missed.
    """
    found = []
    for name in np.unique(labels.files):
        picture = _photograph(folder, name)
        part = _beside_hands(labels.joints_px[labels.files == name], picture)
        if part is not None:  # made small at once: a folder of photographs fills no memory
            found.append(cv2.resize(part, (size[1], size[0]), interpolation=cv2.INTER_AREA))
    if not found:
        return np.empty((0, 3, *size), np.uint8)
    parts = np.stack([found[i] for i in evenly(len(found), count)])
    return np.asarray(parts.transpose(0, 3, 1, 2), np.uint8)


def _photograph(folder: Path, name: str) -> Bytes:
    path = folder / name
    if not path.is_file():
        raise UserError(f"{path} is labelled but missing; give the folder the labels are of")
    return read_picture(path)


def _beside_hands(joints_px: NDArray[np.float64], picture: Bytes) -> Bytes | None:
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


def _credible(joints_px: NDArray[np.float64], picture: NDArray[np.uint8]) -> bool:
    height, width = picture.shape[:2]
    inside = ((joints_px >= 0) & (joints_px < [width, height])).all(axis=1)
    return bool(
        inside.sum() >= LEAST_JOINTS_INSIDE and box_sides(joints_px[None])[0] >= LEAST_SIDE_PX
    )
