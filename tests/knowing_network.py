"""A network that answers what it was told, and made-up hands for it."""

import numpy as np
import torch
from stand_in import StandIn
from torch import nn

from dfmamba.data.crops import Crops
from dfmamba.hand import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, WRIST
from dfmamba.model import HandMaps, NetworkConfig

SIZE = 64
CELL = 4


def joints_on_cells(count, seed=0):
    """Joints (count, 21, 2) in the middle of heatmap cells, where a read-out is exact."""
    cells = np.random.default_rng(seed).integers(4, SIZE // CELL - 4, (count, 21, 2))
    cells[:, 0], cells[:, 1] = 3, SIZE // CELL - 4
    return (cells + 0.5) * CELL


def hands_in_space(count, seed=0):
    """Wrist-relative joints (count, 21, 3) whose palms are 1 long, upright, and 0.65 wide."""
    joints = np.random.default_rng(seed).normal(0, 0.6, (count, 21, 3))
    joints[:, WRIST], joints[:, MIDDLE_MCP] = 0, [0, -1, 0]
    joints[:, INDEX_MCP], joints[:, LITTLE_MCP] = [-0.25, -1, 0], [0.4, -1, 0]
    return joints


def crops_of(joints_px, joints=None):
    count = len(joints_px)
    return Crops(
        images=np.zeros((count, SIZE, SIZE, 3), np.uint8),
        joints_px=joints_px,
        weights_2d=np.ones((count, 21)),
        joints=hands_in_space(count) if joints is None else joints,
        weights_3d=np.ones((count, 21)),
        files=np.array([f"{index}.png" for index in range(count)]),
        sides=np.array(["right"] * count),
    )


class Knowing(StandIn):
    """Tells prepared joints, picture after picture, whatever it is shown."""

    config = NetworkConfig(input_size=SIZE)

    def __init__(self, joints_px, joints=None):
        super().__init__()
        self.joints_px = torch.as_tensor(joints_px)
        self.joints = torch.as_tensor(
            np.zeros((*joints_px.shape[:2], 3)) if joints is None else joints
        )
        self.told = 0
        self.anything = nn.Parameter(torch.zeros(1))

    def forward(self, images):
        chosen = slice(self.told, self.told + len(images))
        self.told += len(images)
        side = SIZE // CELL
        column, row = (self.joints_px[chosen] // CELL).long().unbind(-1)
        heatmap = torch.full((len(images), 21, side * side), -40.0)
        heatmap.scatter_(2, (row * side + column)[..., None], 20.0)
        location = self.joints[chosen, :, :, None, None].expand(-1, -1, -1, side, side)
        hand = torch.full((len(images), 2), 6.0)
        return HandMaps(heatmap.unflatten(2, (side, side)), location, location.float(), hand)
