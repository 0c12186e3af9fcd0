from dataclasses import dataclass

import pytest
import torch
from plain_network import PLAIN, PlainBackbone, PlainConfig

from dfmamba.errors import UserError
from dfmamba.model import (
    BACKBONES,
    DECODERS,
    DFMambaConfig,
    HandNetwork,
    HeatmapConfig,
    NetworkConfig,
    TimmConfig,
    trace,
)


@pytest.mark.parametrize(
    ("registry", "config"),
    [
        (BACKBONES, DFMambaConfig(depths=(1, 2, 1, 1, 1, 1), weights_start="delta")),
        (BACKBONES, TimmConfig("resnet18")),
        (BACKBONES, PlainConfig(12)),
        (DECODERS, HeatmapConfig(24)),
    ],
)
def test_a_config_comes_back_from_json(registry, config):
    stored = registry.to_json(config)
    stored = {name: list(v) if isinstance(v, tuple) else v for name, v in stored.items()}
    assert registry.from_json(stored) == config


def test_a_kind_is_made_known_once():
    for name, config in (("plain", DFMambaConfig), ("another", PlainConfig)):
        with pytest.raises(ValueError, match="already"):
            BACKBONES.add(name, config, PlainBackbone)


def test_a_config_that_nobody_made_known_is_refused():
    @dataclass(frozen=True)
    class Unknown:
        pass

    with pytest.raises(TypeError, match="Unknown is the config of no backbone"):
        HandNetwork(NetworkConfig(Unknown()))


def test_any_backbone_serves_the_decoder():
    network = HandNetwork(PLAIN).eval()
    with torch.inference_mode(), trace(network) as scans:
        hands = network.read_out(network(torch.rand(2, 3, 64, 64)))
    assert hands.joints_px.shape == (2, 1, 21, 2)
    assert network.scan_layers == ()
    assert scans == {}


def test_without_timm_its_backbones_say_how_to_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "timm", None)
    with pytest.raises(UserError, match="resnet50 needs timm: pip install timm"):
        HandNetwork(NetworkConfig(TimmConfig()))
