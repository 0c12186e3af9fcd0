"""A stand-in hand: a bright spot, a detector and a network that see it, and no learning."""

import numpy as np
import torch
from stand_in import StandIn

from dfmamba.camera import CROP_SCALE
from dfmamba.model import HandMaps, NetworkConfig
from dfmamba.pipeline.detect import Detection, crop_of

SIZE = 128
HAND_PX = 100
FRAME = (240, 320)
SHAPE = np.random.default_rng(3).uniform(-0.5, 0.5, (21, 2)) * 0.98
SHAPE[1:5] = [-0.5, -0.5], [0.5, 0.5], [-0.5, 0.2], [0.3, -0.5]
SHAPE[[0, 5, 9, 13, 17]] = [0.02, 0.3], [-0.1, -0.06], [-0.04, -0.12], [0.03, -0.1], [0.1, -0.04]
"""Joints around the spot in units of the hand's size; without symmetry, the palm in the middle."""
BODY = np.concatenate([2 * (SHAPE - SHAPE[0]), np.linspace(0, 0.4, 21)[:, None]], axis=1)
"""Joints (21, 3) around the wrist, palm units."""


def picture(*places, frame=FRAME):
    """Black, with a soft white spot at each (x, y)."""
    rows, columns = np.indices(frame) + 0.5
    light = np.zeros(frame)
    for x, y in places:
        light += np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 50)
    grey = (255 * np.clip(light, 0, 1)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def joints_at(x, y, side="right"):
    sign = -1 if side == "left" else 1
    return np.array([x, y]) + HAND_PX * SHAPE * [sign, 1]


def detection(x, y, side="right", score=0.9):
    joints_px = joints_at(x, y, side)
    return Detection(crop_of(joints_px, side), side, score, joints_px)


class ToldDetector:
    """Sees what it is told to, and counts how often it is asked."""

    def __init__(self, *seen):
        self.seen = list(seen)
        self.calls = 0
        self.closed = False

    def __call__(self, _image):
        self.calls += 1
        return self.seen

    def close(self):
        self.closed = True


class SpotNetwork(StandIn):
    """Puts the joints around the spot in the middle of the crop; dark crops hold no hand."""

    config = NetworkConfig(input_size=SIZE)

    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, images):
        self.calls += 1
        cells = (torch.arange(SIZE // 4) + 0.5) * 4
        light = images[:, :, 2::4, 2::4].mean(1)
        total = light.sum((1, 2))
        some = total.clamp_min(1e-9)
        x, y = (light.sum(1) @ cells / some, light.sum(2) @ cells / some)
        shape = torch.tensor(SHAPE).float() * SIZE / CROP_SCALE
        columns, rows = x[:, None] + shape[:, 0], y[:, None] + shape[:, 1]
        far = (cells - columns[..., None])[:, :, None] ** 2 + (cells - rows[..., None])[
            ..., None
        ] ** 2
        sure = torch.where(total > 1, 0.9, 0.01)[:, None, None, None]
        heatmap = torch.logit(sure * torch.exp(-far / 72), 1e-6)
        location = torch.tensor(BODY).float()[None, ..., None, None].expand(len(x), -1, -1, 32, 32)
        present = torch.where(total > 1, 6.0, -6.0)
        hand = torch.stack([present, torch.full_like(present, 6.0)], dim=1)
        return HandMaps(heatmap, location, location, hand)
