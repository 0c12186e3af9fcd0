import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_network import TINY

from dfmamba.data.crops import Crops
from dfmamba.errors import UserError
from dfmamba.model import HeatmapConfig
from dfmamba.train import cli
from dfmamba.train.cli import train
from dfmamba.train.recipe import Recipe
from dfmamba.weights import load_network, sha256

SHORT = Recipe(minutes=0.001, batch=2)
TINY_LIGHT = replace(TINY, decoder=HeatmapConfig(8))


@pytest.fixture
def quick(monkeypatch, few_pictures):
    """Tiny networks, and their figures after every step."""
    monkeypatch.setattr("dfmamba.train.cli.FULL", TINY)
    monkeypatch.setattr("dfmamba.train.cli.LIGHT", TINY_LIGHT)
    monkeypatch.setattr("dfmamba.train.cli.VALIDATE_EVERY", 1)
    monkeypatch.setattr("dfmamba.train.cli.LOG_EVERY", 1)
    monkeypatch.setattr("dfmamba.train.cli.VALIDATION_PICTURES", 2)


def test_the_command_trains_logs_and_writes_weights(quick, tmp_path):
    out = tmp_path / "run"
    assert train(out, recipe=SHORT, light=True, device="cpu") == out
    full, light = (out / name for name in ("hand.safetensors", "light.safetensors"))
    for weights, config in ((full, TINY), (light, TINY_LIGHT)):
        card = json.loads(weights.with_suffix(".json").read_text())
        assert card["sha256"] == sha256(weights)
        assert card["steps"] >= 1
        assert Recipe(**card["recipe"]) == SHORT
        found = load_network(weights).config
        assert found.calibration != config.calibration
        assert replace(found, calibration=config.calibration) == config
    figures = json.loads((out / "validation.jsonl").read_text().splitlines()[0])
    assert figures["step"] == 1
    assert figures["hand mpjpe_mm"] > 0
    assert figures["light mpjpe_mm"] > 0
    assert list(out.glob("events.*"))


def test_real_hands_are_measured_in_the_image_and_in_space(quick, tmp_path):
    size, make = TINY.input_size, np.random.default_rng(0)
    Crops(
        images=make.integers(0, 255, (2, size, size, 3), np.uint8),
        joints_px=make.uniform(0, size, (2, 21, 2)),
        weights_2d=np.ones((2, 21)),
        joints=make.normal(0, 0.6, (2, 21, 3)),
        weights_3d=np.ones((2, 21)),
        files=np.array(["a.png", "b.png"]),
        sides=np.array(["right", "left"]),
    ).save(tmp_path / "photos.npz")
    out = train(tmp_path / "run", recipe=SHORT, real=(tmp_path / "photos.npz",), device="cpu")
    figures = json.loads((out / "validation.jsonl").read_text().splitlines()[0])
    assert figures["hand photos"] > 0
    assert 10 < figures["hand photos pa_mm"] <= figures["hand photos best_scaled_mm"] < 200
    assert figures["hand photos palm_width"] > 0


def test_a_run_that_learns_nothing_any_more_ends(quick, monkeypatch, tmp_path):
    monkeypatch.setattr("dfmamba.train.trainer.clip", lambda *_: torch.tensor(1.0))
    monkeypatch.setattr("dfmamba.train.cli.MOST_BROKEN", 0)
    with pytest.raises(UserError, match="not finite"):
        train(tmp_path / "run", recipe=SHORT, device="cpu")


def test_a_run_that_begins_from_weights_draws_other_pictures(quick, monkeypatch, tmp_path):
    seeds = []
    drawer = cli.drawer
    monkeypatch.setattr(cli, "drawer", lambda *args: (seeds.append(args[-1]), drawer(*args))[1])
    first = train(tmp_path / "run", recipe=SHORT, device="cpu") / "hand.safetensors"
    train(tmp_path / "next", recipe=SHORT, start=first, device="cpu")
    assert seeds[0] != seeds[1]


def test_a_run_takes_weights_of_smaller_crops_and_the_light_network_keeps_its_own(
    quick, monkeypatch, tmp_path
):
    first = train(tmp_path / "run", recipe=SHORT, light=True, device="cpu")
    monkeypatch.setattr("dfmamba.train.cli.FULL", replace(TINY, input_size=96))
    full, light = (first / f"{name}.safetensors" for name in ("hand", "light"))
    out = train(
        tmp_path / "next", recipe=SHORT, start=full, light=True, start_light=light, device="cpu"
    )
    sizes = [load_network(out / each.name).config.input_size for each in (full, light)]
    assert sizes == [96, TINY_LIGHT.input_size]


def test_without_a_light_network_there_is_one_file_of_weights(quick, tmp_path):
    out = train(tmp_path / "run", recipe=SHORT, device="cpu")
    assert [path.name for path in out.glob("*.json")] == ["hand.json"]
    assert not (out / "light.safetensors").exists()
    assert "light mpjpe_mm" not in (out / "validation.jsonl").read_text()


def test_a_light_network_learns_alone_from_one_that_stays(quick, tmp_path):
    full = train(tmp_path / "run", recipe=SHORT, device="cpu") / "hand.safetensors"
    out = train(tmp_path / "next", recipe=SHORT, teacher=full, device="cpu")
    assert [path.name for path in out.glob("*.json")] == ["light.json"]
    told = json.loads((out / "light.json").read_text())["trained_on"]
    assert f"taught by hand.safetensors, {sha256(full)[:12]}" in told
    with pytest.raises(UserError, match="a teacher is not trained"):
        train(tmp_path / "other", recipe=SHORT, teacher=full, start=full, device="cpu")


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"minutes": -1.0}])
def test_absurd_options_are_told_before_any_work(wrong, tmp_path):
    with pytest.raises(UserError, match=f"--recipe.{next(iter(wrong))}"):
        train(tmp_path / "run", recipe=replace(SHORT, **wrong), device="cpu")
    assert not (tmp_path / "run").exists()


def test_a_stop_after_no_time_is_refused(tmp_path):
    with pytest.raises(UserError, match="--stop-after is 0"):
        train(tmp_path / "run", recipe=SHORT, stop_after=0.0, device="cpu")


def test_a_run_goes_on_with_the_networks_it_began_with_only(quick, tmp_path):
    out = train(tmp_path / "run", recipe=SHORT, device="cpu")
    with pytest.raises(UserError, match="of other networks; give another --out"):
        train(out, recipe=SHORT, light=True, device="cpu")
    (out / "checkpoint.safetensors").write_bytes(b"damaged")
    with pytest.raises(UserError, match=r"checkpoint\.safetensors is damaged"):
        train(out, recipe=SHORT, device="cpu")


def test_a_run_goes_on_with_the_recipe_it_began_with_only(quick, tmp_path):
    out = train(tmp_path / "run", recipe=SHORT, device="cpu")
    other = replace(SHORT, batch=3, learning_rate=0.5)
    with pytest.raises(UserError) as error:
        train(out, recipe=other, device="cpu")
    told = str(error.value)
    assert "begun with batch 2, not 3, learning_rate 0.001, not 0.5; " in told
    assert "--recipe.batch 2 --recipe.learning-rate 0.001 to go on" in told
    train(out, recipe=SHORT, device="cpu")


def test_the_card_of_each_network_tells_what_it_began_from(quick, tmp_path):
    first = train(tmp_path / "run", recipe=SHORT, light=True, device="cpu")
    began = {"start": first / "hand.safetensors", "start_light": first / "light.safetensors"}
    out = train(tmp_path / "next", recipe=SHORT, light=True, device="cpu", **began)
    for weights in began.values():
        card = json.loads((out / weights.name).with_suffix(".json").read_text())
        assert f"begun from {weights.name}, {sha256(weights)[:12]}" in card["trained_on"]


def test_training_without_a_baked_hand_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setattr("dfmamba.synth.hand.hand_model.cache_folder", lambda: tmp_path)
    with pytest.raises(UserError, match="python -m dfmamba bake"):
        train(tmp_path / "run", recipe=SHORT, device="cpu")


def test_training_without_its_packages_says_how_to_get_them(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(UserError, match="tensorboard; run pip install"):
        train(tmp_path / "run", recipe=Recipe(minutes=0.001, batch=2), device="cpu")
