import json

import torch

from dfmamba.model import BackboneConfig, HandNetwork, NetworkConfig
from dfmamba.synth import TrainingBatch
from dfmamba.train.card import storage_cost, write_card
from dfmamba.train.checkpoint import Progress
from dfmamba.train.trainer import TrainConfig
from dfmamba.weights import load_network, save_network, sha256

TINY = NetworkConfig(
    BackboneConfig(stem_width=8, depths=(1,) * 6, widths=(8, 16, 16, 16, 32, 32), d_state=4),
    input_size=32,
    decoder_width=16,
)


class Pictures:
    def batch(self, count):
        images = torch.rand(count, 3, 32, 32)
        joints_mm = torch.randn(count, 21, 3) * 50
        none = torch.zeros(count, 32, 32)
        return TrainingBatch(images, joints_mm[..., :2], joints_mm, none, none, none)


def test_the_card_tells_the_hash_and_what_rounding_costs(tmp_path, monkeypatch):
    monkeypatch.setattr("dfmamba.train.card.BATCHES", 2)
    torch.manual_seed(0)
    network = HandNetwork(TINY).eval()
    weights = tmp_path / "hand.safetensors"
    save_network(network, weights)
    cost = storage_cost(network, load_network(weights), Pictures())
    assert 0 < cost["int8_moves_joints_mm"] < 0.05 * cost["mpjpe_float_mm"]
    assert abs(cost["mpjpe_int8_mm"] - cost["mpjpe_float_mm"]) <= cost["int8_moves_joints_mm"]
    write_card(weights, TrainConfig(), Progress(10, 5120, 90.0), "made pictures", 2, cost)
    card = json.loads(weights.with_suffix(".json").read_text())
    assert card["sha256"] == sha256(weights)
    assert card["minutes"] == 1.5
    assert card["device"].startswith("2 x ")
    assert card["storage"] == cost
