"""Networks of other backbones are trained and measured as ours is."""

import json

import pytest
import torch
from plain_network import OTHERS
from tiny_network import TINY
from training_batch import random_batch

from dfmamba.evaluate.cli import evaluate
from dfmamba.model import HandNetwork
from dfmamba.train.cli import train
from dfmamba.train.recipe import Recipe
from dfmamba.train.trainer import Trainer
from dfmamba.weights import load_network, save_network

CPU = torch.device("cpu")


@pytest.fixture(params=OTHERS)
def config(request):
    torch.manual_seed(0)
    return request.param


def test_it_learns_beside_ours_and_goes_on(config, tmp_path):
    """In a few steps on the same pictures; a smaller one of ours learns from its joints."""
    recipe = Recipe(minutes=60, batch=4, learning_rate=2e-3, warmup=1e-6, mirrored=0)
    batch = random_batch(4, config.input_size)

    def trainer():
        networks = [HandNetwork(config), HandNetwork(TINY)]
        return Trainer(recipe, networks, lambda _: lambda _: batch, tmp_path, CPU)

    first = trainer()
    steps = first.run()
    totals = [sum(next(steps).terms.values()).item() for _ in range(8)]
    steps.close()
    assert totals[-1] < 0.9 * totals[0]
    assert first.broken == 0
    assert trainer().progress.step == 8


def test_it_goes_from_a_file_through_training_and_evaluation(
    config, few_pictures, monkeypatch, tmp_path
):
    for name in ("VALIDATE_EVERY", "LOG_EVERY"):
        monkeypatch.setattr(f"dfmamba.train.cli.{name}", 1)
    monkeypatch.setattr("dfmamba.train.cli.VALIDATION_PICTURES", 2)
    monkeypatch.setattr("dfmamba.train.cli.FULL", config)
    begun = tmp_path / "begun.safetensors"
    save_network(HandNetwork(config), begun)
    recipe = Recipe(minutes=0.001, batch=2)
    weights = train(tmp_path / "run", recipe=recipe, start=begun, device="cpu") / "hand.safetensors"
    found = load_network(weights).config
    assert (found.backbone, found.decoder) == (config.backbone, config.decoder)
    evaluate(weights, count=2, out=tmp_path / "out", device="cpu")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["weights"]["name"] == "hand.safetensors"
    assert report["synthetic"]["soft"]["pictures"] == 2
