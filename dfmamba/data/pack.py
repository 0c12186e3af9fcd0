"""Cuts a data set's hands into crops."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.camera import Crop, Intrinsics
from dfmamba.data.crops import FITTED, Crops
from dfmamba.data.dataset import DataSet, Hand
from dfmamba.data.hand_fit import fitted_joints
from dfmamba.errors import UserError
from dfmamba.hand import JOINT_COUNT, MIDDLE_MCP, WRIST
from dfmamba.images import Picture
from dfmamba.metrics import box_sides, palm_units
from dfmamba.pipeline.detect import crop_of
from dfmamba.pipeline.track import share_inside
from dfmamba.synth.hand.hand_model import HandArrays, HandModel
from dfmamba.synth.rotations import axis_turn

LEAST_SIDE_PX = 24.0
"""Smaller hands are left out."""
LEAST_INSIDE = 16 / JOINT_COUNT
"""Share of a hand's labelled joints that lie inside its picture; others are left out."""
LEAN = 8.0
"""How much MediaPipe's hands in space lean towards the camera, degrees: by 10 on depth pictures of
17 real hands, by 4 on 52 made ones."""


class _Row(NamedTuple):
    """One crop: a row of the arrays of `Crops`."""

    images: Picture
    joints_px: NDArray[np.float64]
    weights_2d: NDArray[np.float64]
    joints: NDArray[np.float64]
    weights_3d: NDArray[np.float64]
    files: str
    sides: str


def pack_crops(data: DataSet, size: int = 128, margin: float = 1.0) -> Crops:
    """The hands of a data set as crops of `size` pixels; left hands are mirrored.

    margin: the crops' edge over that of the network's crop. Joints that are not labelled have no
    weight; hands that are tiny or mostly outside the picture are left out.

    Raises:
        UserError: no hand is left.
    """
    rows = list(_rows(data, size, margin))
    if not rows:
        raise UserError(f"no hand in {data.name} is labelled well enough to be measured against")
    columns = zip(_Row._fields, zip(*rows, strict=True), strict=True)
    return Crops(**{name: np.stack(parts) for name, parts in columns}, margin=np.array(margin))


def _rows(data: DataSet, size: int, margin: float) -> Iterator[_Row]:
    for index in range(len(data)):
        sample = data[index]
        if not sample.hands:
            continue
        picture = sample.picture()
        for hand in (each.in_our_order(data.joint_map) for each in sample.hands):
            known = hand.joints_px[hand.valid_px]
            if not _credible(known, picture):
                continue
            crop = crop_of(known, hand.side)
            wide = replace(crop, side=crop.side * margin)
            joints_px = np.where(hand.valid_px[:, None], wide.to_crop(hand.joints_px, size), 0.0)
            joints, weights_3d = joints_in_3d(hand, crop, sample.intrinsics)
            image, weights_2d = wide.extract(picture, size), hand.valid_px.astype(np.float64)
            yield _Row(image, joints_px, weights_2d, joints, weights_3d, sample.name, hand.side)


def _credible(joints_px: NDArray[np.float64], picture: Picture) -> bool:
    if not len(joints_px):
        return False
    height, width = picture.shape[:2]
    inside = share_inside(joints_px, (width, height)) >= LEAST_INSIDE
    return inside and bool(box_sides(joints_px[None])[0] >= LEAST_SIDE_PX)


def joints_in_3d(
    hand: Hand, crop: Crop, camera: Intrinsics | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A hand's joints (21, 3) as `Crops.joints` has them, and how much they count (21,).

    Without wrist and palm the hand has no place and no unit: nothing counts then.
    """
    valid = hand.valid_mm
    if hand.joints_mm is None or valid is None or not valid[[WRIST, MIDDLE_MCP]].all():
        return np.zeros((JOINT_COUNT, 3)), np.zeros(JOINT_COUNT)
    joints = palm_units(hand.joints_mm[None])[0]
    if camera is not None:
        joints = joints @ crop.facing(camera).T
    return np.where(valid[:, None], joints * crop.mirror, 0.0), valid.astype(np.float64)


def fitted(crops: Crops) -> Crops:
    """Crops with the hand model's joints in space, fitted to MediaPipe's, in place of its own.

    Of photographs, whose joints are all labelled in the picture.
    """
    joints_px, joints = (torch.from_numpy(each).float() for each in (crops.joints_px, crops.joints))
    model, size = HandModel(HandArrays.load()), crops.images.shape[1]
    found = fitted_joints(model, joints_px, _leant_back(joints), size)
    weights = np.full(found.shape[:2], FITTED)
    return replace(crops, joints=found.double().numpy(), weights_3d=weights)


def _leant_back(joints: torch.Tensor) -> torch.Tensor:
    """Joints (N, 21, 3) turned about the wrist until the fingers are farther by `LEAN`."""
    x, y, _ = joints[:, MIDDLE_MCP].unbind(-1)
    upright = axis_turn(torch.atan2(x, -y).rad2deg(), 2)
    return joints @ upright @ axis_turn(torch.tensor(LEAN), 0) @ upright.mT
