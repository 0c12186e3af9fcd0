"""Hands in front of a camera: pose, placement, and the crop that the network would see."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.camera import CROP_SCALE
from dfmamba.synth.draw import Draw
from dfmamba.synth.hand.hand_model import HandModel
from dfmamba.synth.hand.pose_prior import random_angles, untangled
from dfmamba.synth.hand.poser import Poser
from dfmamba.synth.rotations import axis_turn, random_turns

EDGE_ON = 0.15
"""Share of the hands before a webcam that show their thumb's or their little finger's side."""
TOUCHING = 0.35
"""Share of the second hands so near that they touch the first or cross it."""
SPAN_MM = 180.0
"""Length of a common hand: sets the distance for a wanted size in the picture."""


class Hands(NamedTuple):
    """M posed hands in the camera frame."""

    vertices: Tensor
    """(M, V, 3): mm."""
    joints: Tensor
    """(M, 21, 3): mm."""
    side: Tensor
    """(M,): 1 for a right hand and -1 for a left one."""
    family: Tensor
    """(M,): of the pose, an index into `key_poses.FAMILIES`, or `key_poses.FREE`."""

    def rows(self, index: Tensor | slice) -> "Hands":
        """Some of the hands."""
        return Hands(*(part[index] for part in self))

    def moved(self, shift: Tensor) -> "Hands":
        """The hands shifted by (M, 3), mm."""
        far = shift[:, None]
        return self._replace(vertices=self.vertices + far, joints=self.joints + far)


class View(NamedTuple):
    """Pinhole crops: x_px = focal * x / z + centre."""

    focal: Tensor
    """(B,): pixels."""
    centre: Tensor
    """(B, 2): the principal point, pixels."""

    def project(self, points: Tensor) -> Tensor:
        """Camera points (B, N, 3) in mm to crop pixels (B, N, 2)."""
        flat = points[..., :2] / points[..., 2:].clamp(min=1.0)
        return flat * self.focal[:, None, None] + self.centre[:, None]

    def rows(self, index: Tensor) -> "View":
        """The views of some pictures."""
        return View(self.focal[index], self.centre[index])


def facing(slopes: Tensor) -> Tensor:
    """The least turns (B, 3, 3) that bring directions (slope x, slope y, 1) onto the z axis.

    `Crop.facing` is the same for one crop of a frame.
    """
    x, y, z = F.normalize(F.pad(slopes, (0, 1), value=1.0), dim=-1).unbind(-1)
    rows = [
        torch.stack([1 - x * x / (1 + z), -x * y / (1 + z), -x], -1),
        torch.stack([-x * y / (1 + z), 1 - y * y / (1 + z), -y], -1),
        torch.stack([x, y, z], -1),
    ]
    return torch.stack(rows, -2)


def pose_hands(
    model: HandModel, poser: Poser, draw: Draw, shape: Tensor, keys: Tensor, side: Tensor
) -> Hands:
    """Random hands with the wrist at the origin; shape (M, S), keys (K, 5, 4), side (M,)."""
    count = len(shape)
    spread = torch.tensor([28.0, 12.0, 12.0], device=draw.device)
    limit = torch.tensor([65.0, 22.0, 45.0], device=draw.device)
    wrist = (spread * draw.normal(count, 3)).clamp(-limit, limit)
    upright = torch.eye(3, device=draw.device)
    skeleton = model.skeleton()

    def joints_of(angles: Tensor) -> Tensor:
        times = len(angles) // count
        rotations = poser(angles, wrist.repeat(times, 1))
        return skeleton(shape.repeat(times, 1), rotations, upright.expand(len(angles), 3, 3))[1]

    angles, family = random_angles(count, keys, draw.generator)
    angles = untangled(angles, keys, joints_of)
    mirror = upright.repeat(count, 1, 1)
    mirror[:, 0, 0] = side
    vertices, joints = model(shape, poser(angles, wrist), _turns(draw, count) @ mirror)
    return Hands(vertices, joints, side, family)


def _turns(draw: Draw, count: int) -> Tensor:
    """Orientations (count, 3, 3): 60% from anywhere, 25% before a webcam, 15% one's own hand."""
    kind = draw.uniform(count)
    own = kind > 0.85
    # Before a webcam palm and back are as common; of one's own hand one sees mostly the back.
    back = draw.uniform(count) < torch.where(own, 0.75, 0.45)
    edge_on = draw.chance(EDGE_ON, count) & ~own
    around = 180 * back + 90 * edge_on + torch.where(edge_on, 20, 40) * draw.normal(count)
    # One's own fingers point away, with the forearm coming from below and nearer.
    nod = torch.where(own, draw.between(-65, -10, count), 22 * draw.normal(count))
    roll = 30 * draw.normal(count)
    upright = axis_turn(roll, 2) @ axis_turn(nod, 0) @ axis_turn(around, 1)
    anyhow = random_turns(count, draw.generator, draw.device)
    # With the elbow towards the camera the forearm hides the hand: most are turned away.
    hiding = (anyhow[:, 2, 1] < -0.6) & draw.chance(0.85, count)
    away = torch.where(hiding[:, None, None], -1.0, 1.0) * torch.eye(3, device=draw.device)
    away[:, 0, 0] = 1
    return torch.where((kind < 0.6)[:, None, None], away @ anyhow, upright)


def place(hands: Hands, draw: Draw) -> tuple[Hands, Tensor]:
    """Move hands in front of a camera; also its focal length (M,) in widths of its picture."""
    count = len(hands.side)
    focal = 0.5 / torch.tan(draw.between(25, 100, count).deg2rad() / 2)
    share = draw.between(0.08, 0.55, count)
    distance = (focal * SPAN_MM / share).clamp(250, 3000)
    off_axis = draw.between(-0.45, 0.45, count, 2) * (1.1 - share[:, None])
    position = torch.cat([off_axis / focal[:, None], torch.ones_like(share)[:, None]], 1)
    return hands.moved(position * distance[:, None] - hands.joints.mean(1)), focal


def frame(joints: Tensor, focal: Tensor, margin: float, size: int) -> View:
    """A square around joints (B, 21, 3), `margin` times the network's crop; focal (B,)."""
    points = joints[..., :2] / joints[..., 2:] * focal[:, None, None]
    low, high = points.amin(1), points.amax(1)
    scale = size / ((high - low).amax(1) * CROP_SCALE * margin)
    return View(focal * scale, size / 2 - (low + high) / 2 * scale[:, None])


def beside(hands: Hands, others: Hands, draw: Draw) -> Hands:
    """Put M other hands next to M placed ones, hardly ever right in front of them."""
    count = len(others.side)
    way = draw.normal(count, 3)
    # A nearer second arm would hide the first hand: mostly it is farther away.
    way[:, 2] = torch.where(draw.chance(0.8, count), way[:, 2].abs(), way[:, 2])
    way = F.normalize(way * torch.tensor([1.0, 1.0, 0.5], device=draw.device), dim=-1)
    touching = draw.chance(TOUCHING, count, 1)
    far = torch.where(touching, draw.between(60, 120, count, 1), draw.between(90, 260, count, 1))
    near = hands.joints.mean(1) + way * far
    return others.moved(near - others.joints.mean(1))
