"""The heatmap decoder for one hand (Zhou et al. 2020, DetNet) and its read-out.

From the map at stride 32 three deconvolutions lead to stride 4; to each of their outputs the
backbone's map of that stride is added, through a linear layer of its own (ours: of 128 px only
4 x 4 cells are left at stride 32, too few to tell places from). Three heads tell, for each joint,
where it is (heatmap), the bone that leads to it (delta) and its place in 3D (location); each head
also reads what the heads before it found. Delta and location are in units of the palm,
|wrist - middle MCP|, in the axes of a camera that faces the crop (`Crop.facing`); location is
relative to the wrist. A fourth head, on the average of stride 32, tells whether there is a hand at
all, and whether it is a right one (ours).
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dfmamba.hand import JOINT_COUNT
from dfmamba.model.contracts import STRIDES, Decoder, Hands, Pyramid
from dfmamba.model.decoders.heatmap.config import HeatmapConfig
from dfmamba.model.decoders.heatmap.loss import hand_loss
from dfmamba.model.decoders.heatmap.maps import HandMaps, position_maps
from dfmamba.model.decoders.heatmap.read_out import READ_OUTS, SOFT, read_out
from dfmamba.model.pyramid import PyramidLevel
from dfmamba.model.targets import Batch

*FINE, COARSEST = STRIDES


class JoinedConv2d(nn.Conv2d):
    """A convolution of several maps (B, C, H, W) that lie side by side.

    On a GPU zeros fill them up to a multiple of 8 channels, as its matrix units want.
    """

    def forward(self, maps: Sequence[Tensor]) -> Tensor:  # type: ignore[override]
        """All as `nn.Conv2d` takes one."""
        x, weight = maps[0], self.weight
        short = -self.in_channels % 8
        if x.is_cuda and short:
            zeros = x.new_zeros(len(x), short, *x.shape[2:])
            maps = [*maps, zeros.contiguous(memory_format=torch.channels_last)]
            weight = F.pad(weight, (0, 0, 0, 0, 0, short))
        out: Tensor = self._conv_forward(torch.cat(list(maps), dim=1), weight, self.bias)
        return out


def _up(width_in: int, width_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(width_in, width_out, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(width_out),
        nn.ReLU(),
    )


def _head(width_in: int, width: int, channels: int) -> nn.Sequential:
    return nn.Sequential(
        JoinedConv2d(width_in, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.Conv2d(width, channels, 1),
    )


class HeatmapDecoder(Decoder[HandMaps]):
    """A pyramid to maps of the size of its finest one."""

    read_outs = READ_OUTS
    kept_from_muon = ("heatmap.3.", "delta.3.", "location.3.", "hand.")

    def __init__(self, config: HeatmapConfig, widths: Mapping[int, int]) -> None:
        super().__init__()
        width, coarsest = config.width, widths[COARSEST]
        self.level = PyramidLevel(coarsest)
        self.ups = nn.ModuleList(_up(before, width) for before in (coarsest, width, width))
        self.skips = nn.ModuleList(
            nn.Conv2d(widths[stride], width, 1, bias=False) for stride in reversed(FINE)
        )
        features = width + 2
        self.heatmap = _head(features, width, JOINT_COUNT)
        self.delta = _head(features + JOINT_COUNT, width, 3 * JOINT_COUNT)
        self.location = _head(features + 4 * JOINT_COUNT, width, 3 * JOINT_COUNT)
        self.hand = nn.Linear(coarsest, 2)
        # Most cells hold no joint: start near 0.01 rather than 0.5.
        nn.init.constant_(self.heatmap[-1].bias, -4.5)  # type: ignore[arg-type]

    def forward(self, pyramid: Pyramid) -> HandMaps:
        """The maps of a pyramid."""
        x = self.level(pyramid[COARSEST])
        hand = self.hand(x.mean((2, 3)))
        for up, skip, stride in zip(self.ups, self.skips, reversed(FINE), strict=True):
            x = up(x) + skip(pyramid[stride])
        height, width = x.shape[2:]
        places = position_maps(height, width, x.device).to(x.dtype)
        # In the layout of the other maps, or all would be copied to lie side by side.
        places = places.expand(len(x), -1, -1, -1).contiguous(memory_format=torch.channels_last)
        found = [x, places]
        heatmap = self.heatmap(found)
        found.append(heatmap.sigmoid())
        delta = self.delta(found)
        location = self.location([*found, delta])
        delta, location = (each.unflatten(1, (JOINT_COUNT, 3)) for each in (delta, location))
        return HandMaps(heatmap, delta, location, hand)

    def read_out(self, maps: HandMaps, input_size: int, method: str | None = None) -> Hands:
        """As the module `read_out`."""
        return read_out(maps, input_size, method or SOFT)

    def loss(self, maps: HandMaps, batch: Batch) -> dict[str, Tensor]:
        """As the module `loss`."""
        return hand_loss(maps, batch)
