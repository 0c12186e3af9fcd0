"""What the networks of the tests that have learned nothing share with real ones."""

from torch import nn

from dfmamba.model import HandNetwork


class StandIn(nn.Module):
    """One hand to a crop, read out of maps as a real network's; nothing to trace."""

    hands = 1
    scan_layers = ()
    read_out = HandNetwork.read_out
