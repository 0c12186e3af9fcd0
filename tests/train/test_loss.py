import pytest
import torch

from dfmamba.data.batch import Batch
from dfmamba.hand import PARENTS
from dfmamba.model import HandMaps
from dfmamba.synth.hand.hand_model import palm_units
from dfmamba.train.loss import hand_loss, target_heatmaps, taught_loss

SIZE, CELLS = 64, 16


def pictures(count):
    """Joints that have nothing to do with a real hand."""
    make = torch.Generator().manual_seed(count)
    joints_px = (torch.rand(count, 21, 2, generator=make) * 0.6 + 0.2) * SIZE
    joints = palm_units(torch.randn(count, 21, 3, generator=make) * 50)
    one = torch.ones(count)
    return Batch(torch.zeros(count, 3, SIZE, SIZE), joints_px, one, joints, one, one, one)


def true_maps(batch, cells=CELLS):
    bones = batch.joints - batch.joints[:, [max(parent, 0) for parent in PARENTS]]
    logits = torch.logit(target_heatmaps(batch.joints_px, batch.images.shape[-1], cells), eps=1e-6)
    spread = torch.ones(1, 1, 1, cells, cells)
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
    for name in terms:
        assert wrong[name] > 10 * terms[name] + 0.01, name


def test_joints_in_space_count_by_their_weight():
    batch = pictures(2)
    wrong = batch.joints.clone()
    wrong[1] *= -1
    maps = true_maps(batch._replace(joints=wrong))
    none, less, full = (
        hand_loss(maps, batch._replace(space=torch.tensor([1.0, weight])))
        for weight in (0.0, 0.5, 1.0)
    )
    for name in ("space", "location", "delta"):
        assert none[name] == pytest.approx(0, abs=1e-6), name
        assert 0.5 < less[name] / full[name] < 0.9, name
    assert none["image"] == less["image"] == full["image"]


def test_an_empty_picture_teaches_empty_heatmaps_only():
    none = torch.zeros(3)
    full = pictures(3)
    empty = full._replace(image=none, space=none, present=none)
    terms = hand_loss(true_maps(full), empty)
    assert terms["heatmap"] > 0.05
    assert terms["hand"] > 1
    others = set(terms) - {"heatmap", "hand"}
    assert all(terms[name] == 0 for name in others)


def test_the_teachers_own_joints_cost_nothing_and_others_do():
    batch = pictures(3)
    first, second = true_maps(batch), true_maps(pictures(4))
    assert all(term == 0 for term in taught_loss(first, first, batch).values())
    other = HandMaps(*(part[:3] for part in second))
    assert all(term > 0.05 for term in taught_loss(first, other, batch).values())


def test_a_teacher_with_finer_maps_teaches_the_same_joints():
    batch = pictures(3)
    fine = true_maps(batch.sized(2 * SIZE), 2 * CELLS)
    assert all(term < 0.05 for term in taught_loss(true_maps(batch), fine, batch).values())


def test_a_teacher_teaches_nothing_where_there_are_no_joints():
    batch = pictures(3)._replace(image=torch.zeros(3))
    first, second = true_maps(pictures(3)), true_maps(pictures(4))
    other = HandMaps(*(part[:3] for part in second))
    assert all(term == 0 for term in taught_loss(first, other, batch).values())
