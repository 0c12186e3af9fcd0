import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.hand import MIDDLE_MCP, PARENTS
from dfmamba.model import BackboneConfig, HandMaps, NetworkConfig
from dfmamba.synth import TrainingBatch
from dfmamba.train.loss import hand_loss, palm_units, target_heatmaps
from dfmamba.train.trainer import TrainConfig, Trainer, learning_rate

TINY = NetworkConfig(
    BackboneConfig(stem_width=8, depths=(1,) * 6, widths=(8, 16, 16, 16, 32, 32), d_state=4),
    input_size=64,
    decoder_width=16,
)


def hands(count, size=64):
    """Joints in the picture and in space that have nothing to do with a real hand but with it."""
    make = torch.Generator().manual_seed(count)
    joints_px = torch.rand(count, 21, 2, generator=make) * size
    joints_mm = torch.randn(count, 21, 3, generator=make) * 50
    return joints_px, joints_mm


def pictures(count):
    joints_px, joints_mm = hands(count)
    heat = target_heatmaps(joints_px, 64, 64)
    images = torch.stack([heat[:, :7].sum(1), heat[:, 7:14].sum(1), heat[:, 14:].sum(1)], 1)
    visible = torch.ones(count, 21, dtype=torch.bool)
    empty = torch.zeros(count, 64, 64)
    return TrainingBatch(images.clamp(0, 1), joints_px, joints_mm, visible, empty.bool(), empty)


def drawn(seed):
    return pictures


def test_true_maps_cost_nearly_nothing():
    joints_px, joints_mm = hands(3)
    joints_px = joints_px * 0.6 + 12
    joints = palm_units(joints_mm)
    bones = joints - joints[:, [max(parent, 0) for parent in PARENTS]]
    target = target_heatmaps(joints_px, 64, 16)
    spread = torch.ones(1, 1, 1, 16, 16)
    logits = torch.logit(target, eps=1e-6)
    maps = HandMaps(logits, bones[..., None, None] * spread, joints[..., None, None] * spread)
    terms = hand_loss(maps, joints_px, joints_mm, 64)
    assert sum(terms.values()) < 0.05
    wrong = hand_loss(maps, joints_px.flip(1), joints_mm.flip(1), 64)
    for name, term in terms.items():
        assert wrong[name] > 10 * term + 0.01, name


def test_palm_units():
    _, joints_mm = hands(4)
    joints = palm_units(joints_mm)
    assert (joints[:, 0] == 0).all()
    torch.testing.assert_close(joints[:, MIDDLE_MCP].norm(dim=-1), torch.ones(4))
    torch.testing.assert_close(palm_units(joints_mm * 3 + 40), joints, atol=1e-5, rtol=1e-4)


@given(done=st.floats(0, 1))
def test_learning_rate_rises_then_falls(done):
    config = TrainConfig(learning_rate=1e-3, warmup=0.1)
    rate = learning_rate(config, done)
    assert 0 <= rate <= 1e-3
    later = learning_rate(config, min(done + 0.05, 1))
    assert later >= rate if done + 0.05 <= 0.1 else later <= rate or done < 0.1


def test_a_run_learns_stops_and_goes_on(tmp_path):
    config = TrainConfig(minutes=60, batch=8, learning_rate=2e-3, warmup=1e-6)
    device = torch.device("cpu")
    trainer = Trainer(config, TINY, drawn, tmp_path, device)
    losses = []
    steps = trainer.run()
    for _ in range(30):
        losses.append(sum(next(steps).terms.values()).item())  # noqa: PERF401
    steps.close()  # as an interrupt would
    assert losses[-1] < 0.7 * losses[0]

    again = Trainer(config, TINY, drawn, tmp_path, device)
    assert again.progress == trainer.progress
    assert again.progress.step == 30
    for name, value in trainer.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name]), name
    next(again.run())
    next(trainer.run())
    for name, value in trainer.averaged.state_dict().items():
        torch.testing.assert_close(value, again.averaged.state_dict()[name], msg=name)


def test_a_run_ends_with_its_time(tmp_path):
    config = TrainConfig(minutes=0.5 / 60, batch=2)
    trainer = Trainer(config, TINY, drawn, tmp_path, torch.device("cpu"))
    for _ in trainer.run():
        pass
    assert trainer.done == pytest.approx(1)
    assert list(Trainer(config, TINY, drawn, tmp_path, torch.device("cpu")).run()) == []
