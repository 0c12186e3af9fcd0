import json
from dataclasses import replace

import pytest
import torch
from tiny_network import TINY

from dfmamba.errors import UserError
from dfmamba.model import HandNetwork, HeatmapConfig
from dfmamba.train.average import average
from dfmamba.weights import load_network, save_network, sha256


def saved(folder, name, seed, config=TINY):
    torch.manual_seed(seed)
    path = folder / f"{name}.safetensors"
    save_network(HandNetwork(config), path)
    return path


def test_the_mean_lies_between_by_the_shares_and_its_card_tells_of_what(few_pictures, tmp_path):
    files = (saved(tmp_path, "one", 1), saved(tmp_path, "two", 2))
    out = tmp_path / "new" / "mean.safetensors"
    average(files, out, (1, 3), device="cpu")
    one, two, mean = (load_network(path).state_dict() for path in (*files, out))
    assert one.keys() == mean.keys()
    for name in one:
        between = (one[name] + 3 * two[name]) / 4
        # Large matrices are stored as int8.
        assert torch.allclose(mean[name].float(), between, atol=0.01 * between.abs().max()), name
    assert load_network(out).config.calibration != TINY.calibration
    card = json.loads(out.with_suffix(".json").read_text())
    assert card["sha256"] == sha256(out)
    assert all(f"{path.name}, {sha256(path)[:12]}" in card["trained_on"] for path in files)


def test_the_built_in_weights_may_be_replaced(few_pictures, tmp_path, monkeypatch):
    built_in = saved(tmp_path, "hand", 1)
    monkeypatch.setattr("dfmamba.weights.FULL_WEIGHTS", built_in)
    built_in.with_suffix(".json").write_text(json.dumps({"sha256": sha256(built_in)}))
    average((built_in, saved(tmp_path, "two", 2)), built_in, device="cpu")
    load_network(built_in)


@pytest.mark.parametrize(
    ("count", "shares", "told"),
    [
        (1, (), "give two or more"),
        (2, (1.0,), "to each one its share"),
        (2, (1.0, -1.0), "above 0"),
    ],
)
def test_what_cannot_be_averaged_is_told(count, shares, told, tmp_path):
    files = tuple(saved(tmp_path, str(seed), seed) for seed in range(count))
    with pytest.raises(UserError, match=told):
        average(files, tmp_path / "mean.safetensors", shares, device="cpu")


def test_different_networks_have_no_mean(tmp_path):
    other = saved(tmp_path, "other", 2, replace(TINY, decoder=HeatmapConfig(24)))
    with pytest.raises(UserError, match="different networks"):
        average((saved(tmp_path, "one", 1), other), tmp_path / "mean.safetensors", device="cpu")
