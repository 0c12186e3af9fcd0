import pytest
import torch
from torch import nn

from dfmamba.model import (
    DFMambaConfig,
    HandMaps,
    HandNetwork,
    HeatmapConfig,
    NetworkConfig,
    trace,
)
from dfmamba.model.backbones.dfmamba import DFMamba

SMALL = DFMambaConfig(
    stem_width=8, depths=(1, 1, 2, 1, 1, 1), widths=(8, 16, 32, 32, 64, 64), d_state=4
)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return HandNetwork(NetworkConfig(SMALL, decoder=HeatmapConfig(16))).eval()


def multiply_adds(module, image):
    """Multiply-adds of all convolutions and linear layers, counted as they run."""
    total = 0

    def count(layer, _, output):
        nonlocal total
        per_output = layer.weight.numel() // layer.weight.shape[0]
        total += output.numel() * per_output

    hooks = [
        layer.register_forward_hook(count)
        for layer in module.modules()
        if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Linear)
    ]
    with torch.inference_mode():
        module(image)
    for hook in hooks:
        hook.remove()
    return total


def test_size_is_the_papers():
    backbone = DFMamba(DFMambaConfig()).eval()
    parameters = sum(each.numel() for each in backbone.parameters())
    assert parameters == pytest.approx(26.4e6, rel=0.02)
    assert multiply_adds(backbone, torch.zeros(1, 3, 224, 224)) == pytest.approx(4.93e9, rel=0.02)
    assert len(backbone.scan_layers) == 7


def test_the_backbones_pyramid():
    backbone = DFMamba(SMALL).eval()
    pyramid = backbone(torch.rand(2, 3, 64, 96))
    assert {stride: each.shape[1] for stride, each in pyramid.items()} == backbone.widths
    assert {stride: tuple(each.shape) for stride, each in pyramid.items()} == {
        4: (2, 8, 16, 24),
        8: (2, 16, 8, 12),
        16: (2, 32, 4, 6),
        32: (2, 64, 2, 3),
    }


@pytest.mark.parametrize("blocks", ["CCCCCC", "GGGGGG", "DDDDDD", "CCGGGG", "CCDDDD", "CCDGDG"])
def test_ablation_variants_run_and_learn(blocks):
    config = DFMambaConfig(blocks, 8, (1,) * 6, SMALL.widths, d_state=4)
    backbone = DFMamba(config)
    backbone(torch.rand(2, 3, 64, 64))[32].square().mean().backward()
    silent = [name for name, each in backbone.named_parameters() if each.grad is None]
    assert silent == []


@pytest.mark.parametrize(("scanning", "found"), [(None, 4), (1, 2), (0, 0), (9, 4)])
def test_the_last_blocks_of_a_stage_scan(scanning, found):
    config = DFMambaConfig(
        "CCDGDG", 8, (1, 1, 3, 1, 1, 1), SMALL.widths, scanning=scanning, d_state=4
    )
    backbone = DFMamba(config)
    assert len(backbone.scan_layers) == found
    scans = [mixer.dssm is not None for mixer in backbone.stages[2].mixers]
    assert scans == sorted(scans)
    backbone(torch.rand(2, 3, 64, 64))[32].square().mean().backward()
    assert all(each.grad is not None for each in backbone.parameters())


@pytest.mark.parametrize("start", ["uniform", "delta"])
@pytest.mark.parametrize("anchors", [1, 9, 25])
def test_anchor_counts(anchors, start):
    config = DFMambaConfig(
        "CCDGDG", 8, (1,) * 6, SMALL.widths, anchors, weights_start=start, d_state=4
    )
    layer = DFMamba(config).scan_layers[0]
    assert layer.to_weights.bias.sum().item() == pytest.approx(1)
    assert DFMamba(config)(torch.rand(1, 3, 32, 32))[32].isfinite().all()


def test_without_deformable_scan_there_are_no_offsets():
    backbone = DFMamba(DFMambaConfig("CCDGDG", 8, (1,) * 6, SMALL.widths, deformable=False))
    assert not any("offsets" in name for name, _ in backbone.named_parameters())


def test_bad_config_is_refused():
    with pytest.raises(ValueError, match="six letters"):
        DFMambaConfig(blocks="CCXGDG")


def test_maps_and_read_out(network):
    with torch.inference_mode():
        maps = network(torch.rand(2, 3, 128, 128))
    assert maps.heatmap.shape == (2, 21, 32, 32)
    assert maps.delta.shape == maps.location.shape == (2, 21, 3, 32, 32)
    hand = network.read_out(maps)
    assert hand.joints_px.shape == (2, 1, 21, 2)
    assert (hand.joints[:, 0, 0] == 0).all()


@pytest.mark.parametrize("method", ["soft", "peak"])
def test_read_out_finds_the_cell(network, method):
    heatmap = torch.full((1, 21, 32, 32), -20.0)
    heatmap[0, :, 10, 20] = 20.0
    location = torch.zeros(1, 21, 3, 32, 32)
    location[0, 5, :, 10, 20] = torch.tensor([1.0, 2.0, 3.0])
    told = torch.tensor([[0.0, 30.0]])
    hand = network.read_out(HandMaps(heatmap, location, location, told), 128, method)
    torch.testing.assert_close(hand.joints_px[0, 0, 7], torch.tensor([82.0, 42.0]))
    torch.testing.assert_close(hand.joints[0, 0, 5], torch.tensor([1.0, 2.0, 3.0]))
    assert hand.peak.min() > 0.99
    assert hand.present == 0.5
    assert hand.right == pytest.approx(1)


def test_trace_tells_what_each_layer_read_and_goes_away(network):
    image = torch.rand(1, 3, 128, 128)
    with torch.inference_mode(), trace(network, [0, 2]) as scans:
        traced = network(image)
    assert sorted(scans) == [0, 2]
    first = scans[0]
    assert (first.height, first.width) == (8, 8)
    assert first.offsets.shape == (1, 64, 9, 2)
    assert first.weights.shape == (1, 64, 9)
    assert first.step.shape == (1, 64)
    assert first.order.tolist() == list(range(64))
    scans.clear()
    with torch.inference_mode():
        untraced = network(image)
    assert scans == {}
    assert torch.equal(traced.heatmap, untraced.heatmap)


@pytest.mark.parametrize("size", [0, 100, 144, 1056])
def test_crops_that_the_strides_do_not_divide_are_refused(size):
    with pytest.raises(ValueError, match=f"multiple of 32 up to 1024, not {size}"):
        NetworkConfig(SMALL, input_size=size)
