import logging

import pytest
import torch
from tiny_network import TINY
from training_batch import random_batch

from dfmamba.model import HandNetwork
from dfmamba.model.decoders.heatmap.loss import target_heatmaps
from dfmamba.train.recipe import Recipe
from dfmamba.train.trainer import Trainer, clip


def fresh():
    torch.manual_seed(0)
    return HandNetwork(TINY)


def pictures(count, size=64):
    """Joints that have nothing to do with a real hand; the picture shows where they are."""
    batch = random_batch(count, size)
    heat = target_heatmaps(batch.joints_px, size, size)
    images = torch.stack([heat[:, :7].sum(1), heat[:, 7:14].sum(1), heat[:, 14:].sum(1)], 1)
    return batch._replace(images=images.clamp(0, 1))


def drawn(seed):
    return pictures


def test_a_run_learns_stops_and_goes_on(tmp_path, caplog):
    recipe = Recipe(minutes=60, batch=8, learning_rate=2e-3, warmup=1e-6)
    device = torch.device("cpu")
    trainer = Trainer(recipe, [fresh()], drawn, tmp_path, device)
    losses = []
    steps = trainer.run()
    for _ in range(30):
        losses.append(sum(next(steps).terms.values()).item())  # noqa: PERF401
    with caplog.at_level(logging.INFO):
        steps.close()  # as an interrupt would
    assert "kept at step 30" in caplog.text
    assert losses[-1] < 0.7 * losses[0]

    again = Trainer(recipe, [fresh()], drawn, tmp_path, device)
    assert again.progress == trainer.progress
    assert again.progress.step == 30
    for name, value in trainer.networks.state_dict().items():
        assert torch.equal(value, again.networks.state_dict()[name]), name
    next(again.run())
    next(trainer.run())
    for name, value in trainer.average.state_dict().items():
        torch.testing.assert_close(value, again.average.state_dict()[name], msg=name)


def test_a_run_ends_with_its_time(tmp_path):
    recipe = Recipe(minutes=0.5 / 60, batch=2)
    trainer = Trainer(recipe, [fresh()], drawn, tmp_path, torch.device("cpu"))
    for _ in trainer.run():
        pass
    assert trainer.done == pytest.approx(1)
    assert list(Trainer(recipe, [fresh()], drawn, tmp_path, torch.device("cpu")).run()) == []


def test_broken_gradients_are_told_and_move_nothing():
    sound, broken = torch.tensor([3.0, 4.0]), torch.tensor([3.0, torch.nan])
    assert not clip(sound, 1.0)
    assert clip(broken, 1.0)
    assert sound.tolist() == pytest.approx([0.6, 0.8])
    assert broken.tolist() == [0, 0]
