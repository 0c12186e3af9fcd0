"""The heatmap decoder for one hand, its read-out and its loss."""

from dfmamba.model.decoders.heatmap.config import HeatmapConfig
from dfmamba.model.decoders.heatmap.decoder import HeatmapDecoder
from dfmamba.model.decoders.heatmap.maps import HandMaps

__all__ = ["HandMaps", "HeatmapConfig", "HeatmapDecoder"]
