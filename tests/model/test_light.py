import torch
from torch.utils.flop_counter import FlopCounterMode

from dfmamba.model import HandNetwork, NetworkConfig
from dfmamba.model.config import LIGHT


def operations(config):
    """Of the whole network on one crop."""
    network = HandNetwork(config).eval()
    crop = torch.zeros(1, 3, config.input_size, config.input_size)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(crop)
    return counter.get_total_flops()


def test_light_takes_a_quarter_of_the_operations():
    assert 0.18 < operations(LIGHT) / operations(NetworkConfig()) < 0.27


def test_light_has_the_same_scans():
    light, full = (len(HandNetwork(each).scan_layers) for each in (LIGHT, NetworkConfig()))
    assert light == full == 7
