"""The whole network for one hand: DF-Mamba backbone and heatmap decoder."""

import torch
from torch import Tensor, nn

from dfmamba.model.backbone import Backbone
from dfmamba.model.blocks import DSSM
from dfmamba.model.config import NetworkConfig
from dfmamba.model.contracts import Hands
from dfmamba.model.decoder import HandMaps, HeatmapDecoder, read_out
from dfmamba.model.pyramid import PyramidLevel

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the pixels of ImageNet's photographs, RGB."""


class HandNetwork(nn.Module):
    """Crops of one hand, shown as a right hand, to maps of its joints."""

    hands = 1
    """How many hands it reads of a crop."""

    def __init__(self, config: NetworkConfig | None = None) -> None:
        super().__init__()
        self.config = config or NetworkConfig()
        self.backbone = Backbone(self.config.backbone)
        width = self.backbone.level_widths[-1]
        self.level = PyramidLevel(width)
        self.decoder = HeatmapDecoder(width, self.backbone.skip_widths, self.config.decoder_width)
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> HandMaps:
        """Images (B, 3, S, S), float RGB in 0 to 1, to maps of S/4 x S/4. S is a multiple of 32."""
        x = ((images - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
        levels, skips = self.backbone(x)
        maps: HandMaps = self.decoder(self.level(levels[-1]), skips)
        return maps

    def read_out(self, maps: HandMaps) -> Hands:
        """The hands that the maps of crops of the network's own size tell of."""
        found = read_out(maps, self.config.input_size)
        present, right = found.hand[:, None].unbind(-1)
        return Hands(
            found.joints_px[:, None], found.joints[:, None], found.peak[:, None], present, right
        )

    @property
    def scan_layers(self) -> list[DSSM]:
        """The deformable layers in the order in which they run."""
        return self.backbone.scan_layers
