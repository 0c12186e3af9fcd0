import json

import torch
from tiny_network import TINY

from dfmamba.model import HandNetwork
from dfmamba.synth import TrainingBatch
from dfmamba.train.card import storage_cost, write_card
from dfmamba.weights import load_network, save_network, sha256


class Pictures:
    def batch(self, count):
        images = torch.rand(count, 3, TINY.input_size, TINY.input_size)
        joints_mm = torch.randn(count, 21, 3) * 50
        one = torch.ones(count)
        return TrainingBatch(
            images=images,
            joints_px=joints_mm[..., :2],
            joints_mm=joints_mm,
            visible=torch.ones(count, 21, dtype=torch.bool),
            present=one.bool(),
            family=one.long(),
            tone=one,
        )


def test_the_card_tells_the_hash_and_what_rounding_costs(tmp_path, monkeypatch):
    monkeypatch.setattr("dfmamba.train.card.BATCHES", 2)
    torch.manual_seed(0)
    network = HandNetwork(TINY).eval()
    weights = tmp_path / "hand.safetensors"
    save_network(network, weights)
    cost = storage_cost(network, load_network(weights), Pictures())
    assert 0 < cost["int8_moves_joints_mm"] < 0.05 * cost["mpjpe_float_mm"]
    assert abs(cost["mpjpe_int8_mm"] - cost["mpjpe_float_mm"]) <= cost["int8_moves_joints_mm"]
    write_card(weights, {"minutes": 1.5, "device": "2 x GPU", "storage": cost})
    card = json.loads(weights.with_suffix(".json").read_text())
    assert card["sha256"] == sha256(weights)
    assert card["minutes"] == 1.5
    assert card["device"] == "2 x GPU"
    assert card["storage"] == cost
