"""The hybrid backbone of convolutions, deformable scans and gated convolutions (paper, Fig. 4)."""

from typing import NamedTuple

from torch import Tensor, nn

from dfmamba.model.blocks import BN_EPS, DSSM, FFN, ConvBlock, GatedBlock
from dfmamba.model.config import PYRAMID_STAGES, STAGES_THEN_DOWN, BackboneConfig


class Features(NamedTuple):
    """What the backbone finds in B pictures; maps (B, C, H / stride, W / stride).

    levels: the outputs of stages 1, 2, 4 and 6, of strides 8, 16, 32 and 32: a stage that halves
    the picture does so at its end. skips: the outputs of stages 1, 2 and 4 before they are
    halved, of strides 4, 8 and 16.
    """

    levels: list[Tensor]
    skips: list[Tensor]


class ConvStage(nn.Sequential):
    """Residual conv blocks, (B, C, H, W)."""

    def __init__(self, width: int, depth: int, config: BackboneConfig) -> None:
        super().__init__(*(ConvBlock(width, config.drop_path) for _ in range(depth)))


class TokenStage(nn.Module):
    """DSSM + FFN blocks, or gated conv blocks, over the picture's tokens in row-major order."""

    def __init__(self, width: int, depth: int, config: BackboneConfig, scan: bool) -> None:
        super().__init__()
        self.mixers = nn.ModuleList(GatedBlock(width, config, scan) for _ in range(depth))
        self.ffns = nn.ModuleList(
            FFN(width, config) if scan else nn.Identity() for _ in range(depth)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same; no copy where the memory is channels-last."""
        height, width = x.shape[2:]
        tokens = x.permute(0, 2, 3, 1).flatten(1, 2)
        for mixer, ffn in zip(self.mixers, self.ffns, strict=True):
            tokens = ffn(mixer(tokens, height, width))
        grid = tokens.view(-1, height, width, tokens.shape[-1])
        return grid.permute(0, 3, 1, 2)


def _stem(config: BackboneConfig) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in ((3, config.stem_width), (config.stem_width, config.widths[0])):
        layers += [
            nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(after, eps=BN_EPS),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers)


def _down(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False)


def _stage(index: int, config: BackboneConfig) -> nn.Module:
    width, depth, kind = config.widths[index], config.depths[index], config.blocks[index]
    if kind == "C":
        return ConvStage(width, depth, config)
    return TokenStage(width, depth, config, scan=kind == "D")


class Backbone(nn.Module):
    """Stem and six stages: images (B, 3, H, W) to `Features`; H and W are multiples of 32.

    level_widths and skip_widths: the channels of its maps.
    """

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.stem = _stem(config)
        self.stages = nn.ModuleList(_stage(i, config) for i in range(len(config.widths)))
        self.downs = nn.ModuleDict(
            {str(i): _down(config.widths[i], config.widths[i + 1]) for i in STAGES_THEN_DOWN}
        )
        self.level_widths = [config.widths[min(i + 1, 5)] for i in PYRAMID_STAGES]
        self.skip_widths = [config.widths[i] for i in STAGES_THEN_DOWN]

    def forward(self, images: Tensor) -> Features:
        """Images (B, 3, H, W), normalised."""
        x = self.stem(images)
        found = Features([], [])
        for index, stage in enumerate(self.stages):
            x = stage(x)
            if index in STAGES_THEN_DOWN:
                found.skips.append(x)
                x = self.downs[str(index)](x)
            if index in PYRAMID_STAGES:
                found.levels.append(x)
        return found

    @property
    def scan_layers(self) -> list[DSSM]:
        """The deformable layers in the order in which they run."""
        return [module for module in self.modules() if isinstance(module, DSSM)]
