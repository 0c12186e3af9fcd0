import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_network import TINY

from dfmamba.hand import MIDDLE_MCP, PARENTS
from dfmamba.model import HandMaps, HandNetwork
from dfmamba.train.batch import Batch, palm_units, some_mirrored
from dfmamba.train.loss import hand_loss, target_heatmaps, taught_loss
from dfmamba.train.trainer import TrainConfig, Trainer, learning_rate


def fresh():
    torch.manual_seed(0)
    return HandNetwork(TINY)


def pictures(count, size=64):
    """Joints that have nothing to do with a real hand; the picture shows where they are."""
    make = torch.Generator().manual_seed(count)
    joints_px = (torch.rand(count, 21, 2, generator=make) * 0.6 + 0.2) * size
    joints = palm_units(torch.randn(count, 21, 3, generator=make) * 50)
    heat = target_heatmaps(joints_px, size, size)
    images = torch.stack([heat[:, :7].sum(1), heat[:, 7:14].sum(1), heat[:, 14:].sum(1)], 1)
    one = torch.ones(count)
    return Batch(images.clamp(0, 1), joints_px, one, joints, one, one, one)


def drawn(seed):
    return pictures


def true_maps(batch):
    bones = batch.joints - batch.joints[:, [max(parent, 0) for parent in PARENTS]]
    logits = torch.logit(target_heatmaps(batch.joints_px, 64, 16), eps=1e-6)
    spread = torch.ones(1, 1, 1, 16, 16)
    hand = 20 * (2 * torch.stack([batch.present, batch.right], 1) - 1)
    located = batch.joints[..., None, None] * spread
    return HandMaps(logits, bones[..., None, None] * spread, located, hand)


def test_true_maps_cost_nearly_nothing():
    batch = pictures(3)
    terms = hand_loss(true_maps(batch), batch)
    assert sum(terms.values()) < 0.05
    other = batch._replace(
        joints_px=batch.joints_px.flip(1),
        joints=palm_units(batch.joints.flip(1)),
        right=torch.zeros(3),
    )
    wrong = hand_loss(true_maps(batch), other)
    for name in set(terms) - {"shadow", "likely"}:
        assert wrong[name] > 10 * terms[name] + 0.01, name


def test_a_photograph_teaches_the_image_and_the_shadow_only():
    batch = pictures(3)._replace(space=torch.zeros(3))
    turned = batch._replace(joints=-batch.joints)
    right, wrong = (hand_loss(true_maps(each), batch) for each in (batch, turned))
    assert right["space"] == wrong["space"] == right["location"] == wrong["delta"] == 0
    assert wrong["shadow"] > 0.1


def test_an_empty_picture_teaches_empty_heatmaps_only():
    none = torch.zeros(3)
    full = pictures(3)
    empty = full._replace(image=none, space=none, present=none)
    terms = hand_loss(true_maps(full), empty)
    assert terms["heatmap"] > 0.05
    assert terms["hand"] > 1
    others = set(terms) - {"heatmap", "hand"}
    assert all(terms[name] == 0 for name in others)


def test_mirrored_pictures_have_no_joints():
    batch = pictures(40)
    mirrored = some_mirrored(batch, share=0.25)
    wrong = mirrored.right == 0
    assert wrong.sum() == 10
    assert torch.equal(mirrored.images[wrong], batch.images[wrong].flip(-1))
    assert torch.equal(mirrored.images[~wrong], batch.images[~wrong])
    assert not mirrored.image[wrong].any()
    assert not mirrored.space[wrong].any()
    assert mirrored.present.all()


def test_the_teachers_own_maps_cost_nothing_and_others_do():
    first, second = true_maps(pictures(3)), true_maps(pictures(4))
    assert all(term == 0 for term in taught_loss(first, first).values())
    other = HandMaps(*(part[:3] for part in second))
    assert all(term > 0.05 for term in taught_loss(first, other).values())


def test_palm_units():
    joints_mm = torch.randn(4, 21, 3) * 50
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
    trainer = Trainer(config, [fresh()], drawn, tmp_path, device)
    losses = []
    steps = trainer.run()
    for _ in range(30):
        losses.append(sum(next(steps).terms.values()).item())  # noqa: PERF401
    steps.close()  # as an interrupt would
    assert losses[-1] < 0.7 * losses[0]

    again = Trainer(config, [fresh()], drawn, tmp_path, device)
    assert again.progress == trainer.progress
    assert again.progress.step == 30
    for name, value in trainer.networks.state_dict().items():
        assert torch.equal(value, again.networks.state_dict()[name]), name
    next(again.run())
    next(trainer.run())
    for name, value in trainer.average.state_dict().items():
        torch.testing.assert_close(value, again.average.state_dict()[name], msg=name)


def test_a_run_ends_with_its_time(tmp_path):
    config = TrainConfig(minutes=0.5 / 60, batch=2)
    trainer = Trainer(config, [fresh()], drawn, tmp_path, torch.device("cpu"))
    for _ in trainer.run():
        pass
    assert trainer.done == pytest.approx(1)
    assert list(Trainer(config, [fresh()], drawn, tmp_path, torch.device("cpu")).run()) == []
