"""The processor's network against the one that was trained."""

import pytest
import torch
from lively_network import lively
from tiny_network import TINY
from torch.nn import functional as F

from dfmamba.engine.dfmamba import winograd
from dfmamba.engine.dfmamba.processor import ProcessorNetwork, TokenConv
from dfmamba.engine.dfmamba.state_scan import StateScan
from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.model import DFMambaConfig, HandNetwork, HeatmapConfig, NetworkConfig
from dfmamba.ops.conv import conv_silu
from dfmamba.ops.dssm import chunked, reference
from dfmamba.weights import FULL_WEIGHTS, LIGHT_WEIGHTS, load_network


@torch.inference_mode()
def check_maps(network, images):
    for found, expected in zip(ProcessorNetwork(network)(images), network(images), strict=True):
        assert found.shape == expected.shape
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("weights", [FULL_WEIGHTS, LIGHT_WEIGHTS])
@pytest.mark.parametrize(("count", "size"), [(1, 128), (2, 128), (1, 96), (1, 160)])
@torch.inference_mode()
def test_joints_are_the_networks(weights, count, size):
    network = load_network(weights)
    images = torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(0))
    expected = network.read_out(network(images), size)
    found = network.read_out(ProcessorNetwork(network)(images), size)
    assert (found.joints - expected.joints).abs().max() * WRIST_TO_MIDDLE_MCP_MM < 0.001
    assert (found.joints_px - expected.joints_px).abs().max() < 0.001
    assert (found.peak - expected.peak).abs().max() < 1e-5
    assert (found.present - expected.present).abs().max() < 1e-5
    assert (found.right - expected.right).abs().max() < 1e-5


@pytest.mark.parametrize(
    "changes",
    [
        {"blocks": "CCGGGG"},
        {"blocks": "CCCCDD"},
        {"deformable": False},
        {"anchors": 1},
        {"d_conv": 5},
        {"scanning": 1},
    ],
)
def test_other_networks(changes):
    torch.manual_seed(0)
    backbone = DFMambaConfig(**{**TINY.backbone.__dict__, **changes})
    network = lively(HandNetwork(NetworkConfig(backbone, HeatmapConfig(16), 64)))
    check_maps(network, torch.rand(2, 3, 64, 64))


def test_pictures_need_not_be_square():
    torch.manual_seed(0)
    check_maps(lively(HandNetwork(TINY)), torch.rand(1, 3, 64, 96))


@torch.inference_mode()
def test_scan_is_the_chunked_one_whatever_was_scanned_before():
    torch.manual_seed(0)
    scan = StateScan()
    for batch, length in [(2, 37), (1, 16), (2, 1), (2, 40)]:
        v, dt = torch.randn(batch, length, 6), torch.rand(batch, length, 6)
        A, (B, C) = -torch.rand(6, 4), torch.randn(2, batch, length, 4)
        found = scan(v, dt, A.t(), B, C)
        torch.testing.assert_close(found, chunked.selective_scan(v, dt, A, B, C))
        torch.testing.assert_close(found, reference.selective_scan(v, dt, A, B, C))


@pytest.mark.parametrize("taps", [1, 3, 5])
@pytest.mark.parametrize("length", [1, 2, 9])
@torch.inference_mode()
def test_convolution_over_tokens(taps, length):
    torch.manual_seed(0)
    conv, x = torch.nn.Conv1d(8, 8, taps, groups=8), torch.randn(2, length, 8)
    expected = conv_silu(x, conv.weight, conv.bias)
    torch.testing.assert_close(TokenConv(conv)(x), expected)


def test_winograds_convolution_is_the_convolution():
    torch.manual_seed(0)
    x, weight = torch.randn(2, 12, 8, 5), torch.randn(7, 5, 3, 3)
    products = winograd.tiles(x) @ winograd.kernels(weight)
    expected = F.conv2d(x.permute(0, 3, 1, 2), weight, padding=1).permute(0, 2, 3, 1)
    torch.testing.assert_close(winograd.untiled(products, 12, 8), expected, rtol=1e-4, atol=1e-4)
