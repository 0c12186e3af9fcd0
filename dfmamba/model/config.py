"""Everything that shapes a network, in frozen records."""

from dataclasses import dataclass, field
from math import isfinite

from dfmamba.model.backbones.dfmamba import DFMambaConfig
from dfmamba.model.confidence import UNCALIBRATED
from dfmamba.model.contracts import STRIDES
from dfmamba.model.decoders.heatmap import HeatmapConfig
from dfmamba.model.registry import Config

LARGEST_CROP = 1024
"""Pixels along an edge; a larger one only costs memory."""


@dataclass(frozen=True)
class NetworkConfig:
    """A backbone under a decoder, each of a kind that `registry` knows."""

    backbone: Config = field(default_factory=DFMambaConfig)
    """Of one of the registry's backbones."""
    decoder: Config = field(default_factory=HeatmapConfig)
    """Of one of the registry's decoders."""
    input_size: int = 128
    """Edge of the crop, pixels, a multiple of 32."""
    calibration: tuple[float, float] = UNCALIBRATED
    """What `confidence` makes of the joints' peaks, measured after training."""

    def __post_init__(self) -> None:
        """Refuse crops that the strides do not divide, and a calibration that is none."""
        coarsest = STRIDES[-1]
        if self.input_size not in range(coarsest, LARGEST_CROP + 1, coarsest):
            wanted = f"a multiple of {coarsest} up to {LARGEST_CROP}"
            raise ValueError(f"input_size must be {wanted}, not {self.input_size}")
        if len(self.calibration) != 2 or not all(isfinite(each) for each in self.calibration):
            raise ValueError(f"calibration must be two numbers, not {self.calibration}")


FULL = NetworkConfig(input_size=224)
"""For a GPU, where a crop of 128 pixels, the paper's, takes 0.6 ms and one of 224 takes 0.8."""

LIGHT = NetworkConfig(
    DFMambaConfig(stem_width=16, widths=(48, 96, 160, 160, 320, 320)), HeatmapConfig(width=96)
)
"""Half the width, and a quarter of the operations for crops of one size, for two CPU cores.

Its convolutions are whole 16s wide, one vector register: 48 channels take no longer than 40.
"""
