"""A stand-in for a network that reads two hands of a crop: a red spot is a left hand's, a green
one a right hand's; both are seen as they are, and never mirrored."""

import numpy as np
import torch
from spot import BODY, FRAME, HAND_PX, SHAPE, SIZE, joints_at
from torch import nn

from dfmamba.camera import CROP_SCALE, Crop
from dfmamba.model import NetworkConfig
from dfmamba.model.contracts import Hands
from dfmamba.pipeline.detect import Detection

SPREAD_PX = 5.0
"""The spot's standard deviation in the frame: it tells how large a hand is in a crop."""
SIDES = ("left", "right")


def both(left=None, right=None, frame=FRAME):
    """Black, with a soft spot at the (x, y) of each hand that there is, in its side's colour."""
    rows, columns = np.indices(frame) + 0.5
    image = np.zeros((*frame, 3), np.uint8)
    for channel, place in enumerate((left, right)):
        if place is not None:
            x, y = place
            light = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * SPREAD_PX**2))
            image[..., channel] = np.rint(255 * light)
    return image


def around_both(left, right, side="right"):
    """A detection that takes two hands for one."""
    joints_px = np.concatenate([joints_at(*left, "left")[:11], joints_at(*right)[:10]])
    return Detection(Crop.around(joints_px, CROP_SCALE, side == "left"), side, 0.9, joints_px)


class TwoHandNetwork(nn.Module):
    """Puts joints around each spot; the order of its hands says nothing of their sides."""

    hands = 2
    scan_layers = ()
    config = NetworkConfig(input_size=SIZE)

    def __init__(self):
        super().__init__()
        self.crops = []

    def forward(self, images):
        self.crops.append(len(images))
        return images

    def read_out(self, images):
        found = [self._hand(images[:, channel], sign) for channel, sign in ((1, 1), (0, -1))]
        parts = zip(*found, strict=True)
        joints_px, joints, present, right = (torch.stack(each, dim=1) for each in parts)
        peak = 0.99 * present[..., None].expand(-1, -1, 21)
        return Hands(joints_px, joints, peak, present, right)

    def _hand(self, light, sign):
        light = light**2  # what compression leaves of black does not count
        cells = torch.arange(SIZE) + 0.5
        total = light.sum((1, 2)).clamp(min=1e-6)
        columns, rows = light.sum(1), light.sum(2)
        x, y = columns @ cells / total, rows @ cells / total
        spread = (columns @ cells**2 / total - x**2).clamp(min=1e-6).sqrt()
        size = (HAND_PX / SPREAD_PX) * spread * 2**0.5
        flip = torch.tensor([sign, 1.0])
        shape = torch.tensor(SHAPE).float() * flip
        joints_px = torch.stack([x, y], dim=-1)[:, None] + size[:, None, None] * shape
        joints = torch.tensor(BODY).float() * torch.tensor([sign, 1.0, 1.0])
        present = torch.where(light.sum((1, 2)) > 1, 0.98, 0.02)
        right = torch.full_like(present, 0.99 if sign > 0 else 0.01)
        return joints_px, joints.expand(len(light), -1, -1), present, right
