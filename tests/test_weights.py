import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from dfmamba.errors import UserError
from dfmamba.model import DFMambaConfig, HandNetwork, HeatmapConfig, NetworkConfig
from dfmamba.model.stored import config_to_json
from dfmamba.weights import (
    FORMAT,
    dequantise,
    load_network,
    open_network,
    quantise,
    save_network,
    sha256,
)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    backbone = DFMambaConfig(
        stem_width=8, depths=(1,) * 6, widths=(8, 16, 32, 32, 64, 64), d_state=4
    )
    return HandNetwork(NetworkConfig(backbone, decoder=HeatmapConfig(16))).eval()


def test_int8_is_off_by_half_a_step_at_most():
    weight = torch.randn(30, 7, 3, 3)
    for axis in (0, 1):
        stored, scale = quantise(weight, axis)
        assert scale.numel() == weight.shape[axis]
        error = (dequantise(stored, scale) - weight).abs()
        assert (error <= 0.6 * scale.float()).all()


def test_a_saved_network_comes_back(network, tmp_path):
    path = tmp_path / "hand.safetensors"
    save_network(network, path)
    loaded = load_network(path)
    assert loaded.config == load_network(str(path)).config == network.config
    image = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        ours, expected = loaded(image).location, network(image).location
    assert (ours - expected).abs().mean() < 0.05 * expected.abs().mean()
    assert path.stat().st_size < 2.5 * sum(each.numel() for each in network.parameters())


def test_a_file_is_hashed_once_and_described_by_its_hash(network, tmp_path, monkeypatch):
    path = tmp_path / "mine.safetensors"
    save_network(network, path)
    hashed = []
    monkeypatch.setattr("dfmamba.weights.sha256", lambda each: hashed.append(each) or "abc")
    loaded = open_network(str(path))
    assert loaded.describe() == {"name": "mine.safetensors", "sha256": "abc"}
    assert (loaded.path, loaded.device) == (path, torch.device("cpu"))
    assert loaded.network.config == network.config
    assert hashed == [path]


def test_values_that_are_not_finite_are_told(network, tmp_path):
    path = tmp_path / "hand.safetensors"
    broken = HandNetwork(network.config)
    next(broken.parameters()).data[0] = torch.nan
    save_network(broken, path)
    with pytest.raises(UserError, match="damaged"):
        load_network(path)


def test_built_in_weights_are_checked_whatever_their_path(network, tmp_path, monkeypatch):
    path = tmp_path / "light.safetensors"
    save_network(network, path)
    monkeypatch.setattr("dfmamba.weights.LIGHT_WEIGHTS", path)
    monkeypatch.chdir(tmp_path)
    for card in ('{"sha256": "another"}', "{}", "cut of"):
        path.with_suffix(".json").write_text(card)
        with pytest.raises(UserError, match="damaged; install"):
            load_network(Path(path.name))
    path.with_suffix(".json").write_text(json.dumps({"sha256": sha256(path)}))
    assert load_network(Path(path.name)).config == network.config


def test_files_that_older_versions_wrote_load_number_for_number(network, tmp_path):
    now, older = tmp_path / "now.safetensors", tmp_path / "older.safetensors"
    network.config = replace(network.config, calibration=(1.25, -0.5))
    save_network(network, now)
    with safe_open(now, "pt") as file:
        stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    stored = {name.replace("decoder.level.", "level."): value for name, value in stored.items()}
    assert {"level.norm.weight", "level.linear.weight"} <= set(stored)
    config = {
        "backbone": asdict(network.config.backbone),
        "input_size": 128,
        "decoder_width": 16,
        "calibration": [1.25, -0.5],
    }
    save_file(stored, older, {"format": "dfmamba-1", "config": json.dumps(config)})
    wanted, found = load_network(now), load_network(older)
    assert found.config == wanted.config == network.config
    for name, value in wanted.state_dict().items():
        assert torch.equal(found.state_dict()[name], value), name


def a_config(backbone, decoder="heatmap"):
    shape = {"backbone": backbone, "decoder": {"kind": decoder, "width": 16}}
    return json.dumps(shape | {"input_size": 128, "calibration": [1.0, 0.0]})


TWO_ANCHORS = a_config({"kind": "df-mamba", "anchors": 2})
UNHEARD_OF = a_config({"kind": "df-mamba", "colour": "blue"})


@pytest.mark.parametrize("config", ["", "{", "[]", '"text"', "{}", TWO_ANCHORS, UNHEARD_OF])
def test_a_config_that_cannot_be_built_is_told(tmp_path, config):
    path = tmp_path / "hand.safetensors"
    save_file({"x": torch.zeros(1)}, path, metadata={"format": FORMAT, "config": config})
    with pytest.raises(UserError, match="does not fit this version"):
        load_network(path)


ABSURD = {
    "depths": [10_000_000] * 6,
    "widths": [4000] * 6,
    "anchors": 9_999_999_999,
    "anchors.text": "9",
    "d_state": 10**400,
    "ffn_expansion": 1e300,
    "d_conv": -1,
    "input_size": 4096,
    "input_size.half": 64.5,
    "calibration": [1.0],
    "calibration.nan": [1.0, float("nan")],
    "calibration.text": ["one", "two"],
}


@pytest.mark.parametrize("name", ABSURD)
def test_an_absurd_config_is_told_before_memory_is_taken(network, tmp_path, name):
    resource = pytest.importorskip("resource")
    path, config = tmp_path / "hand.safetensors", config_to_json(network.config)
    part = config if name.startswith(("input_size", "calibration")) else config["backbone"]
    part[name.split(".")[0]] = ABSURD[name]
    save_network(network, path)
    with safe_open(path, "pt") as file:
        numbers = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(numbers, path, {"format": FORMAT, "config": json.dumps(config)})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UserError, match="does not fit this version"):
        load_network(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KB


def test_a_config_nested_without_end_is_told(tmp_path):
    path = tmp_path / "hand.safetensors"
    config = "[" * 100_000
    save_file({"x": torch.zeros(1)}, path, metadata={"format": FORMAT, "config": config})
    with pytest.raises(UserError, match="does not fit this version"):
        load_network(path)


def test_numbers_that_do_not_go_together_are_told(network, tmp_path):
    path = tmp_path / "hand.safetensors"
    save_network(network, path)
    with safe_open(path, "pt") as file:
        numbers = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        metadata = file.metadata()
    scale = next(name for name in numbers if name.endswith(".scale"))
    other_scale = torch.ones(1000, *[1] * (numbers[scale].dim() - 1))
    eight_bits = torch.zeros(4).to(torch.float8_e4m3fn)
    for name, value in ((scale, other_scale), (scale, numbers[scale][:-1]), ("other", eight_bits)):
        save_file({**numbers, name: value}, path, metadata)
        with pytest.raises(UserError, match="is damaged"):
            load_network(path)


def test_a_file_that_may_not_be_read_is_not_called_damaged(network, tmp_path, monkeypatch):
    path = tmp_path / "hand.safetensors"
    save_network(network, path)

    def refuse(self, *_):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)  # the superuser may read all files
    with pytest.raises(UserError, match="may not be read by you"):
        load_network(path)


def test_an_unknown_kind_is_told_with_the_known_ones(tmp_path):
    path = tmp_path / "hand.safetensors"
    for config, told in (
        (a_config({"kind": "octopus"}), "backbone of the kind 'octopus', .* df-mamba, timm"),
        (a_config({"kind": "df-mamba"}, "tea leaves"), "decoder of the kind 'tea leaves'"),
    ):
        save_file({"x": torch.zeros(1)}, path, metadata={"format": FORMAT, "config": config})
        with pytest.raises(UserError, match=told):
            load_network(path)


def test_numbers_of_another_network_are_told(network, tmp_path):
    path = tmp_path / "hand.safetensors"
    save_network(network, path)
    with safe_open(path, "pt") as file:
        numbers = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    config = a_config({"kind": "df-mamba", **asdict(network.config.backbone), "stem_width": 24})
    save_file(numbers, path, {"format": FORMAT, "config": config})
    with pytest.raises(UserError, match="does not fit this version"):
        load_network(path)


def test_bad_files_are_told_in_one_line(network, tmp_path):
    path = tmp_path / "hand.safetensors"
    save_network(network, path)
    whole = path.read_bytes()
    truncated = tmp_path / "short.safetensors"
    truncated.write_bytes(whole[: len(whole) // 2])
    text = tmp_path / "text.safetensors"
    text.write_text("not weights")
    other = tmp_path / "other.safetensors"
    save_file({"x": torch.zeros(1)}, other)
    for bad in (truncated, text, other, tmp_path / "missing.safetensors", tmp_path):
        with pytest.raises(UserError) as error:
            load_network(bad)
        assert bad.name in str(error.value)
        assert "\n" not in str(error.value)
