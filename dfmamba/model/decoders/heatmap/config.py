"""What shapes the heatmap decoder."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HeatmapConfig:
    """The heatmap decoder for one hand."""

    width: int = 256
    """Channels of its maps."""
