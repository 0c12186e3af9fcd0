"""Which networks the runners of this folder know."""

from torch import nn

from dfmamba.model.backbones.dfmamba import DFMamba
from dfmamba.model.decoders.heatmap import HeatmapDecoder


def known_parts(network: nn.Module) -> tuple[DFMamba, HeatmapDecoder] | None:
    """The network's backbone and decoder where they are those that this folder knows."""
    backbone, decoder = (getattr(network, name, None) for name in ("backbone", "decoder"))
    if isinstance(backbone, DFMamba) and isinstance(decoder, HeatmapDecoder):
        return backbone, decoder
    return None


def parts_of(network: nn.Module) -> tuple[DFMamba, HeatmapDecoder]:
    """The backbone and the decoder of a network that is known here."""
    parts = known_parts(network)
    if parts is None:
        raise TypeError("not a DF-Mamba backbone under a heatmap decoder")
    return parts
