"""Everything that shapes the network, in frozen records."""

from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from dfmamba.model.confidence import UNCALIBRATED

STAGES = 6
STAGE_DEPTHS = (3, 3, 5, 5, 2, 1)
STAGE_WIDTHS = (80, 160, 320, 320, 640, 640)
STAGES_THEN_DOWN = (0, 1, 3)
PYRAMID_STAGES = (0, 1, 3, 5)
STRIDE = 32
"""How many pixels of the crop one cell of the coarsest map spans."""
LARGEST_CROP = 1024
"""Pixels along an edge; a larger one only costs memory."""


@dataclass(frozen=True)
class BackboneConfig:
    """The hybrid backbone (paper, Fig. 4 and Sec. 4.2).

    blocks: a letter for each stage: C residual conv blocks, D deformable state space blocks, G
    gated conv blocks. anchors: K, a square grid of odd edge: 1, 9, 25. deformable False is Mamba's
    own scan (the paper's ablation). weights_start: the anchors' weights b start as all 1/K, or as 1
    at the centre and 0 elsewhere.
    """

    blocks: str = "CCDGDG"
    stem_width: int = 32
    depths: tuple[int, ...] = STAGE_DEPTHS
    widths: tuple[int, ...] = STAGE_WIDTHS
    anchors: int = 9
    deformable: bool = True
    weights_start: Literal["uniform", "delta"] = "uniform"
    d_state: int = 16
    d_conv: int = 3
    dssm_expansion: int = 2
    gated_expansion: int = 1
    ffn_expansion: int = 4
    drop_path: float = 0.0

    def __post_init__(self) -> None:
        """Refuse stages that cannot be built."""
        if len(self.blocks) != STAGES or set(self.blocks) - set("CDG"):
            raise ValueError(f"blocks must be six letters of C, D and G, not {self.blocks!r}")
        if len(self.depths) != STAGES or len(self.widths) != STAGES:
            raise ValueError("depths and widths need six numbers each")
        if self.widths[2] != self.widths[3] or self.widths[4] != self.widths[5]:
            raise ValueError("stages 3 and 4, and 5 and 6, share one width each")


@dataclass(frozen=True)
class NetworkConfig:
    """The backbone with the heatmap decoder for one hand.

    input_size: edge of the crop, pixels, a multiple of 32. calibration: what `confidence` makes of
    the heatmaps' peaks, measured after training.
    """

    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    input_size: int = 128
    decoder_width: int = 256
    calibration: tuple[float, float] = UNCALIBRATED

    def __post_init__(self) -> None:
        """Refuse crops that the strides do not divide, and a calibration that is none."""
        if self.input_size not in range(STRIDE, LARGEST_CROP + 1, STRIDE):
            wanted = f"a multiple of {STRIDE} up to {LARGEST_CROP}"
            raise ValueError(f"input_size must be {wanted}, not {self.input_size}")
        if len(self.calibration) != 2 or not all(isfinite(each) for each in self.calibration):
            raise ValueError(f"calibration must be two numbers, not {self.calibration}")


FULL = NetworkConfig(input_size=224)
"""For a GPU, where a crop of 128 pixels, the paper's, takes 0.6 ms and one of 224 takes 0.8."""

LIGHT = NetworkConfig(
    backbone=BackboneConfig(stem_width=16, widths=(48, 96, 160, 160, 320, 320)), decoder_width=96
)
"""Half the width, and a quarter of the operations for crops of one size, for two CPU cores.

Its convolutions are whole 16s wide, one vector register: 48 channels take no longer than 40.
"""
