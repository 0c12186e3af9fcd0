"""What shapes the DF-Mamba backbone."""

from dataclasses import dataclass
from typing import Literal

STAGES = 6
STAGES_THEN_DOWN = (0, 1, 3)
"""Those at whose end the map is halved; before that it is the pyramid's of its stride."""


@dataclass(frozen=True)
class DFMambaConfig:
    """The hybrid backbone (paper, Fig. 4 and Sec. 4.2)."""

    blocks: str = "CCDGDG"
    """A letter for each stage: C residual conv blocks, D deformable state space blocks, G gated
    conv blocks."""
    stem_width: int = 32
    """Channels after the stem's first convolution."""
    depths: tuple[int, ...] = (3, 3, 5, 5, 2, 1)
    """Blocks of each stage."""
    widths: tuple[int, ...] = (80, 160, 320, 320, 640, 640)
    """Channels of each stage; stages 3 and 4, and 5 and 6, share one width each."""
    anchors: int = 9
    """K: a square grid of odd edge: 1, 9, 25."""
    deformable: bool = True
    """False is Mamba's own scan (the paper's ablation)."""
    scanning: int | None = None
    """How many blocks of a D stage scan, its last ones; None: all. The others lack the scan alone:
    to take it from the first ones costs least (docs/results.md)."""
    weights_start: Literal["uniform", "delta"] = "uniform"
    """Whether the anchors' weights b start as all 1/K, or as 1 at the centre and 0 elsewhere."""
    d_state: int = 16
    """N: numbers of the scan's state for each channel."""
    d_conv: int = 3
    """Taps of the convolution over tokens."""
    dssm_expansion: int = 2
    """Channels inside a deformable block over those outside."""
    gated_expansion: int = 1
    """Channels inside a gated block over those outside."""
    ffn_expansion: int = 4
    """Channels inside a feed-forward network over those outside."""
    drop_path: float = 0.0
    """How often training leaves a block out."""

    def __post_init__(self) -> None:
        """Refuse stages that cannot be built."""
        if len(self.blocks) != STAGES or set(self.blocks) - set("CDG"):
            raise ValueError(f"blocks must be six letters of C, D and G, not {self.blocks!r}")
        if len(self.depths) != STAGES or len(self.widths) != STAGES:
            raise ValueError("depths and widths need six numbers each")
        if self.widths[2] != self.widths[3] or self.widths[4] != self.widths[5]:
            raise ValueError("stages 3 and 4, and 5 and 6, share one width each")
