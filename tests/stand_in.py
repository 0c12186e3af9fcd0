"""What the networks of the tests that have learned nothing share with real ones."""

from torch import nn

from dfmamba.model.decoders.heatmap import HeatmapDecoder


class StandIn(nn.Module):
    """One hand to a crop, read out of maps as the heatmap decoder does; nothing to trace."""

    hands = HeatmapDecoder.hands
    read_outs = HeatmapDecoder.read_outs
    scan_layers = ()

    def read_out(self, maps, input_size=None, method=None):
        size = input_size or self.config.input_size
        return HeatmapDecoder.read_out(self, maps, size, method)
