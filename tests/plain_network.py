"""A network of convolutions alone, made known as anybody's backbone would be; nothing scans."""

from dataclasses import dataclass
from importlib.util import find_spec

import pytest
from torch import nn

from dfmamba.model import BACKBONES, Backbone, HeatmapConfig, NetworkConfig, TimmConfig


@dataclass(frozen=True)
class PlainConfig:
    width: int = 8


class PlainBackbone(Backbone):
    def __init__(self, config):
        super().__init__()
        self.widths = dict.fromkeys((4, 8, 16, 32), config.width)
        self.steps = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(3 if step == 0 else config.width, config.width, 3, stride=2, padding=1),
                nn.GELU(),
            )
            for step in range(5)
        )

    def forward(self, images):
        maps, x = {}, images
        for step, layer in enumerate(self.steps, start=1):
            x = layer(x)
            maps[2**step] = x
        return {stride: maps[stride] for stride in self.widths}


BACKBONES.add("plain", PlainConfig, PlainBackbone)
PLAIN = NetworkConfig(PlainConfig(), HeatmapConfig(16), input_size=64)
TIMM = NetworkConfig(TimmConfig("resnet50"), HeatmapConfig(16), input_size=64)
OTHERS = [
    pytest.param(PLAIN, id="plain"),
    pytest.param(
        TIMM,
        id="timm",
        marks=[
            pytest.mark.skipif(find_spec("timm") is None, reason="needs timm"),
            pytest.mark.filterwarnings("ignore"),  # timm's own
        ],
    ),
]
"""Networks without a layer of ours in the backbone, to go through all that ours go through."""
