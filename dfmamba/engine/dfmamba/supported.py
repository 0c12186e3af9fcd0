"""Which networks the runners of this folder know."""

from dfmamba.model import Backbone, HandNetwork
from dfmamba.model.decoder import HeatmapDecoder


def is_supported(network: HandNetwork) -> bool:
    """Whether it is a DF-Mamba backbone under a heatmap decoder."""
    parts = getattr(network, "backbone", None), getattr(network, "decoder", None)
    return isinstance(parts[0], Backbone) and isinstance(parts[1], HeatmapDecoder)
