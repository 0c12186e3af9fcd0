"""Photographs of real hands as training pictures: turned, scaled, moved and degraded at random.

Their joints are MediaPipe's in the image, and the hand model's fitted to them in space. Where
nobody knows them a photograph may still teach that there is a hand, and which, or that there is
none.
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from dfmamba.data.crops import Crops
from dfmamba.model.targets import Batch
from dfmamba.synth.camera.crop_jitter import CropJitter, random_window
from dfmamba.synth.camera.sensor import sense
from dfmamba.synth.draw import Draw


class Photographs:
    """Draws batches from packs of crops that `python -m dfmamba crops` made."""

    def __init__(
        self, packs: Sequence[Path], size: int, device: torch.device, seed: int = 0
    ) -> None:
        """Load all packs onto the device.

        Raises:
            UserError: the packs are not of one size and margin.
        """
        crops = Crops.load_all(packs)
        self.images = torch.from_numpy(crops.images).to(device)
        self.joints_px = torch.from_numpy(crops.joints_px).float().to(device)
        self.weights_2d = torch.from_numpy(crops.weights_2d).float().to(device)
        self.joints = torch.from_numpy(crops.joints).float().to(device)
        self.weights_3d = torch.from_numpy(crops.weights_3d).float().to(device)
        known = (crops.present, crops.weights_right, crops.often)
        self.present, self.weights_right, self.often = (
            torch.from_numpy(each).float().to(device) for each in known
        )
        self.margin = float(crops.margin)
        self.size, self.draw = size, Draw(seed, device)

    def batch(self, count: int) -> Batch:
        """`count` photographs with their joints, which count as the packs say."""
        rows = self.draw.by_weight(self.often, count)
        pictures = self.images[rows].permute(0, 3, 1, 2).float() / 255
        window = random_window(self.draw, count, self.margin, CropJitter())
        present = self.present[rows]
        joints_px = window.place(self.joints_px[rows], pictures.shape[-1], self.size)
        return Batch(
            images=sense(window.cut(pictures, self.size), self.draw),
            joints_px=joints_px,
            weight_2d=self.weights_2d[rows],
            joints=window.turned(self.joints[rows]),
            weight_3d=self.weights_3d[rows],
            present=present,
            weight_present=torch.ones_like(present),
            right=torch.ones_like(present),
            weight_right=self.weights_right[rows] * present,
        )
