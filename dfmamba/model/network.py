"""A whole network: a backbone under a decoder, on pictures as cameras give them."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from dfmamba.model.config import NetworkConfig
from dfmamba.model.contracts import Hands
from dfmamba.model.registry import BACKBONES, DECODERS
from dfmamba.model.targets import Batch
from dfmamba.model.trace import ScanLayer

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the pixels of ImageNet's photographs, RGB."""


class HandNetwork(nn.Module):
    """Crops, of which the hand is shown as a right one, to maps, and maps to hands."""

    def __init__(self, config: NetworkConfig | None = None) -> None:
        super().__init__()
        self.config = config or NetworkConfig()
        self.backbone = BACKBONES.build(self.config.backbone)
        self.decoder = DECODERS.build(self.config.decoder, self.backbone.widths)
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Any:
        """Images (B, 3, S, S), float RGB in 0 to 1, S a multiple of 32, to the decoder's maps."""
        x = ((images - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
        return self.decoder(self.backbone(x))

    def read_out(
        self, maps: Any, input_size: int | None = None, method: str | None = None
    ) -> Hands:
        """The hands in the crops that the maps are of.

        input_size: the crops' edge, pixels; None: the config's. method: one of `read_outs`, None:
        the first one.
        """
        return self.decoder.read_out(maps, input_size or self.config.input_size, method)

    def loss(self, maps: Any, batch: Batch) -> dict[str, Tensor]:
        """The weighted terms of the loss by name, each (); their sum is the loss."""
        return self.decoder.loss(maps, batch)

    @property
    def hands(self) -> int:
        """How many hands it reads of a crop."""
        return self.decoder.hands

    @property
    def read_outs(self) -> Sequence[str]:
        """The names of the ways to read its maps out, the usual one first."""
        return self.decoder.read_outs

    @property
    def scan_layers(self) -> Sequence[ScanLayer]:
        """The deformable layers in the order in which they run; empty where there are none."""
        return self.backbone.scan_layers
