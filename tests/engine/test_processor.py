"""The processor's network against the one that was trained."""

import numpy as np
import pytest
import torch
from lively_network import lively
from tiny_network import TINY
from torch.nn import functional as F

from dfmamba.camera import Crop
from dfmamba.engine import open_runner
from dfmamba.engine.dfmamba import winograd
from dfmamba.engine.dfmamba.processor import ProcessorNetwork, TokenConv
from dfmamba.engine.dfmamba.state_scan import StateScan
from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.model import BackboneConfig, HandNetwork, NetworkConfig, read_out, trace
from dfmamba.ops.conv import conv_silu
from dfmamba.ops.dssm import chunked, reference
from dfmamba.weights import FULL, LIGHT, load_network


@torch.inference_mode()
def check_maps(network, images):
    for found, expected in zip(ProcessorNetwork(network)(images), network(images), strict=True):
        assert found.shape == expected.shape
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("weights", [FULL, LIGHT])
@pytest.mark.parametrize(("count", "size"), [(1, 128), (2, 128), (1, 96), (1, 160)])
@torch.inference_mode()
def test_joints_are_the_networks(weights, count, size):
    network = load_network(weights)
    images = torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(0))
    expected = read_out(network(images), size)
    found = read_out(ProcessorNetwork(network)(images), size)
    assert (found.joints - expected.joints).abs().max() * WRIST_TO_MIDDLE_MCP_MM < 0.001
    assert (found.joints_px - expected.joints_px).abs().max() < 0.001
    assert (found.peak - expected.peak).abs().max() < 1e-5
    assert (found.hand - expected.hand).abs().max() < 1e-5


@pytest.mark.parametrize(
    "changes",
    [
        {"blocks": "CCGGGG"},
        {"blocks": "CCCCDD"},
        {"deformable": False},
        {"anchors": 1},
        {"d_conv": 5},
    ],
)
def test_other_networks(changes):
    torch.manual_seed(0)
    backbone = BackboneConfig(**{**TINY.backbone.__dict__, **changes})
    network = lively(HandNetwork(NetworkConfig(backbone, 64, decoder_width=16)))
    check_maps(network, torch.rand(2, 3, 64, 64))


def test_pictures_need_not_be_square():
    torch.manual_seed(0)
    check_maps(lively(HandNetwork(TINY)), torch.rand(1, 3, 64, 96))


def test_runner_tells_what_the_network_does():
    torch.manual_seed(0)
    network = lively(HandNetwork(TINY))
    frame = np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    crops = [Crop(80, 60, 75), Crop(50, 45, 60, mirrored=True)]
    size = network.config.input_size
    images = torch.from_numpy(np.stack([crop.extract(frame, size) for crop in crops]))
    with torch.inference_mode(), trace(network) as traces:
        expected = read_out(network(images.permute(0, 3, 1, 2).float() / 255), size)
    runner = open_runner(network, torch.device("cpu"))
    runner(frame, crops[:1])
    outputs, scans = runner(frame, crops, tracing=True)
    np.testing.assert_allclose(outputs.joints[:, 0], expected.joints, atol=1e-5)
    np.testing.assert_allclose(outputs.present[:, 0], expected.hand[:, 0], atol=1e-5)
    np.testing.assert_allclose(outputs.right[:, 0], expected.hand[:, 1], atol=1e-5)
    for scan, wanted in zip(scans, traces.values(), strict=True):
        assert (scan.height, scan.width) == (wanted.height, wanted.width)
        for name in ("anchors", "offsets", "weights", "step", "order"):
            np.testing.assert_allclose(getattr(scan, name), getattr(wanted, name), atol=1e-4)


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
