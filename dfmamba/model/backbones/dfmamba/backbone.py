"""The hybrid backbone of convolutions, deformable scans and gated convolutions (paper, Fig. 4)."""

from collections.abc import Sequence

from torch import Tensor, nn

from dfmamba.model.backbones.dfmamba.blocks import BN_EPS, DSSM, FFN, ConvBlock, GatedBlock
from dfmamba.model.backbones.dfmamba.config import STAGES_THEN_DOWN, DFMambaConfig
from dfmamba.model.contracts import STRIDES, Backbone, Pyramid


class ConvStage(nn.Sequential):
    """Residual conv blocks, (B, C, H, W)."""

    def __init__(self, width: int, depth: int, config: DFMambaConfig) -> None:
        super().__init__(*(ConvBlock(width, config.drop_path) for _ in range(depth)))


class TokenStage(nn.Module):
    """DSSM + FFN blocks, or gated conv blocks, over the picture's tokens in row-major order."""

    def __init__(self, width: int, depth: int, config: DFMambaConfig, scan: bool) -> None:
        super().__init__()
        inner = width * (config.dssm_expansion if scan else config.gated_expansion)
        plain = depth - min(depth, depth if config.scanning is None else config.scanning)
        self.mixers = nn.ModuleList(
            GatedBlock(width, inner, config, scan and index >= plain) for index in range(depth)
        )
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


def _stem(config: DFMambaConfig) -> nn.Sequential:
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


def _stage(index: int, config: DFMambaConfig) -> nn.Module:
    width, depth, kind = config.widths[index], config.depths[index], config.blocks[index]
    if kind == "C":
        return ConvStage(width, depth, config)
    return TokenStage(width, depth, config, scan=kind == "D")


class DFMamba(Backbone):
    """Stem and six stages.

    The pyramid's maps are the outputs of stages 1, 2 and 4 before they are halved, and of stage 6.
    """

    kept_from_muon = ("stem.0.", "dssm.")

    def __init__(self, config: DFMambaConfig) -> None:
        super().__init__()
        self.stem = _stem(config)
        self.stages = nn.ModuleList(_stage(i, config) for i in range(len(config.widths)))
        self.downs = nn.ModuleDict(
            {str(i): _down(config.widths[i], config.widths[i + 1]) for i in STAGES_THEN_DOWN}
        )
        outputs = *(config.widths[i] for i in STAGES_THEN_DOWN), config.widths[-1]
        self.widths = dict(zip(STRIDES, outputs, strict=True))

    def forward(self, images: Tensor) -> Pyramid:
        """Images (B, 3, H, W), normalised, to their pyramid."""
        x = self.stem(images)
        found = []
        for index, stage in enumerate(self.stages):
            x = stage(x)
            if index in STAGES_THEN_DOWN:
                found.append(x)
                x = self.downs[str(index)](x)
        return pyramid([*found, x])

    @property
    def scan_layers(self) -> list[DSSM]:
        """The deformable layers in the order in which they run."""
        return [module for module in self.modules() if isinstance(module, DSSM)]


def pyramid(maps: Sequence[Tensor]) -> Pyramid:
    """Maps from the finest to the coarsest by their strides."""
    return dict(zip(STRIDES, maps, strict=True))
