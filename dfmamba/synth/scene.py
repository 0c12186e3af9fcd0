"""Hands in front of a camera: pose, placement, and the crop that the network would see."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.draw import Draw
from dfmamba.synth.hand_model import HandModel
from dfmamba.synth.pose_prior import Poser, axis_turn, random_angles, random_turns

SPAN_MM = 180.0
"""Length of a common hand: sets the distance for a wanted size in the picture."""


@dataclass(frozen=True)
class CropJitter:
    """How the crop square is laid around the joints' bounding box.

    side: the square's edge over the box's longer side. scale: its factors. shift: of the edge.
    """

    side: float = 1.75
    scale: tuple[float, float] = (0.75, 1.3)
    shift: float = 0.15


class Hands(NamedTuple):
    """M posed hands in the camera frame, mm: vertices (M, V, 3), joints (M, 21, 3), side (M,).

    side is 1 for a right hand and -1 for a left one.
    """

    vertices: Tensor
    joints: Tensor
    side: Tensor


class View(NamedTuple):
    """Pinhole crops: x_px = focal * x / z + centre; focal (B,), centre (B, 2), pixels."""

    focal: Tensor
    centre: Tensor

    def project(self, points: Tensor) -> Tensor:
        """Camera points (B, N, 3) in mm to crop pixels (B, N, 2)."""
        flat = points[..., :2] / points[..., 2:].clamp(min=1.0)
        return flat * self.focal[:, None, None] + self.centre[:, None]

    def rows(self, index: Tensor) -> "View":
        """The views of some pictures."""
        return View(self.focal[index], self.centre[index])


def pose_hands(
    model: HandModel, poser: Poser, draw: Draw, shape: Tensor, keys: Tensor, side: Tensor
) -> Hands:
    """Random hands with the wrist at the origin; shape (M, S), keys (K, 5, 4), side (M,)."""
    count = len(shape)
    angles = random_angles(count, keys, draw.generator)
    spread = torch.tensor([28.0, 12.0, 12.0], device=draw.device)
    limit = torch.tensor([65.0, 22.0, 45.0], device=draw.device)
    wrist = (spread * draw.normal(count, 3)).clamp(-limit, limit)
    mirror = torch.eye(3, device=draw.device).repeat(count, 1, 1)
    mirror[:, 0, 0] = side
    vertices, joints = model(shape, poser(angles, wrist), _turns(draw, count) @ mirror)
    return Hands(vertices, joints, side)


def _turns(draw: Draw, count: int) -> Tensor:
    """Orientations (count, 3, 3): half as at a desk, upright with palm or back shown; half any."""
    around = 180.0 * draw.chance(0.45, count) + 40 * draw.normal(count)
    nod, roll = 25 * draw.normal(count), 35 * draw.normal(count)
    upright = axis_turn(roll, 2) @ axis_turn(nod, 0) @ axis_turn(around, 1)
    anyhow = random_turns(count, draw.generator, draw.device)
    # With the elbow towards the camera the forearm hides the hand: most are turned away.
    hiding = (anyhow[:, 2, 1] < -0.35) & draw.chance(0.9, count)
    away = torch.where(hiding[:, None, None], -1.0, 1.0) * torch.eye(3, device=draw.device)
    away[:, 0, 0] = 1
    anyhow = away @ anyhow
    return torch.where(draw.chance(0.5, count, 1, 1), anyhow, upright)


def place(hands: Hands, draw: Draw) -> tuple[Hands, Tensor]:
    """Move hands in front of a camera; also its focal length (M,) in widths of its picture."""
    count = len(hands.side)
    focal = 0.5 / torch.tan(draw.between(30, 80, count).deg2rad() / 2)
    share = draw.between(0.12, 0.9, count)
    distance = (focal * SPAN_MM / share).clamp(220, 2500)
    off_axis = draw.between(-0.45, 0.45, count, 2) * (1.1 - share[:, None])
    position = torch.cat([off_axis / focal[:, None], torch.ones_like(share)[:, None]], 1)
    middle = hands.joints.mean(1, keepdim=True)
    shift = (position * distance[:, None])[:, None] - middle
    return Hands(hands.vertices + shift, hands.joints + shift, hands.side), focal


def frame(joints: Tensor, focal: Tensor, draw: Draw, jitter: CropJitter, size: int) -> View:
    """The crop around joints (B, 21, 3), jittered; focal (B,) in any unit."""
    points = joints[..., :2] / joints[..., 2:] * focal[:, None, None]
    low, high = points.amin(1), points.amax(1)
    count = len(joints)
    edge = (high - low).amax(1) * jitter.side * draw.between(*jitter.scale, count)
    shift = jitter.shift * draw.between(-1, 1, count, 2)
    middle = (low + high) / 2 + shift * edge[:, None]
    scale = size / edge
    return View(focal * scale, size / 2 - middle * scale[:, None])


def beside(hands: Hands, others: Hands, draw: Draw) -> Hands:
    """Put M other hands next to M placed ones, hardly ever right in front of them."""
    count = len(others.side)
    way = draw.normal(count, 3)
    # A nearer second arm would hide the first hand: mostly it is farther away.
    way[:, 2] = torch.where(draw.chance(0.8, count), way[:, 2].abs(), way[:, 2])
    way = F.normalize(way * torch.tensor([1.0, 1.0, 0.5], device=draw.device), dim=-1)
    near = hands.joints.mean(1) + way * draw.between(90, 260, count, 1)
    shift = (near - others.joints.mean(1))[:, None]
    return Hands(others.vertices + shift, others.joints + shift, others.side)
