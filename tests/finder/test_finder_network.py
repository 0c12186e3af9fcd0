import pytest
import torch
from torch import nn

from dfmamba.finder.network import COARSEST, STRIDE, FastFinder, FinderConfig, FinderNetwork

SMALL = FinderConfig(widths=(16, 16, 32, 32), depths=(1, 2, 1, 2))


def lively():
    """A small network whose norms do something."""
    torch.manual_seed(0)
    network = FinderNetwork(SMALL)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.3)
            part.running_var.uniform_(0.5, 2)
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.normal_(part.bias, 0, 0.1)
    return network.eval()


def test_maps_have_a_cell_for_every_eight_pixels_of_frames_of_any_shape():
    maps = lively()(torch.rand(2, 3, 2 * COARSEST, 3 * COARSEST))
    height, width = 2 * COARSEST // STRIDE, 3 * COARSEST // STRIDE
    assert maps.centre.shape == maps.right.shape == (2, height, width)
    assert maps.offset.shape == maps.direction.shape == (2, 2, height, width)
    assert maps.box.shape == (2, 4, height, width)
    assert (maps.box > 0).all()


def test_the_fast_network_is_the_network():
    network, frames = lively(), torch.rand(1, 3, 64, 96)
    with torch.inference_mode():
        wanted = network(frames)
    for found, true in zip(FastFinder(network)(frames), wanted, strict=True):
        torch.testing.assert_close(found, true, rtol=1e-3, atol=1e-4)


def test_the_fast_network_takes_bytes():
    network = FastFinder(lively())
    frames = torch.randint(256, (1, 3, 64, 64), dtype=torch.uint8)
    for found, true in zip(network(frames), network(frames / 255), strict=True):
        torch.testing.assert_close(found, true, rtol=1e-3, atol=1e-4)


def test_at_first_hands_are_unlikely():
    network = FinderNetwork(SMALL).eval()
    score = network(torch.rand(1, 3, 64, 64)).centre.sigmoid()
    assert score.mean().item() == pytest.approx(0.01, abs=0.02)


def test_the_weights_are_small():
    numbers = sum(each.numel() for each in FinderNetwork().state_dict().values())
    assert 2 * numbers < 3e6  # bytes, of halves
