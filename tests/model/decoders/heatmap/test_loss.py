import pytest
import torch
from torch.nn import functional as F
from training_batch import random_batch

from dfmamba.hand import PARENTS
from dfmamba.metrics import palm_units
from dfmamba.model import HandMaps
from dfmamba.model.decoders.heatmap.align import aligned
from dfmamba.model.decoders.heatmap.loss import hand_loss, target_heatmaps
from dfmamba.model.decoders.heatmap.read_out import read_out

SIZE, CELLS = 64, 16


def pictures(count):
    """Joints that have nothing to do with a real hand."""
    return random_batch(count, SIZE, seed=count)


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
        hand_loss(maps, batch._replace(weight_3d=torch.tensor([[1.0], [weight]]).expand(-1, 21)))
        for weight in (0.0, 0.5, 1.0)
    )
    for name in ("joints 3d", "aligned 3d", "location", "delta"):
        assert none[name] == pytest.approx(0, abs=1e-6), name
        assert 0.5 < less[name] / full[name] < 0.9, name
    assert none["joints 2d"] == less["joints 2d"] == full["joints 2d"]


def test_an_empty_picture_teaches_empty_heatmaps_only():
    none, no_joint = torch.zeros(3), torch.zeros(3, 21)
    full = pictures(3)
    empty = full._replace(weight_2d=no_joint, weight_3d=no_joint, present=none, weight_right=none)
    terms = hand_loss(true_maps(full), empty)
    assert terms["heatmap"] > 0.05
    assert terms["hand"] > 1
    others = set(terms) - {"heatmap", "hand"}
    assert all(terms[name] == 0 for name in others)


def loss_by_picture(maps, batch, image, space):
    """The loss as it was with one weight to a picture, `image` and `space` (B,), in plain words."""
    target = target_heatmaps(batch.joints_px, SIZE, CELLS) * (image > 0)[:, None, None, None]
    read = read_out(maps, SIZE)
    joints_px, joints = read.joints_px[:, 0], read.joints[:, 0]
    inside = ((batch.joints_px > 0) & (batch.joints_px < SIZE)).all(-1, keepdim=True)

    def mean(values, weight):
        return (values.reshape(len(values), -1).mean(1) * weight).sum() / weight.sum().clamp_min(1)

    bones = batch.joints - batch.joints[:, [max(parent, 0) for parent in PARENTS]]
    under = target * space[:, None, None, None]

    def under_heatmap(found, true):
        error = (found - true[..., None, None]).square() * under[:, :, None]
        return error.sum() / (3 * under.sum().clamp_min(1))

    sides = F.binary_cross_entropy_with_logits(
        maps.hand, torch.stack([batch.present, batch.right], 1), reduction="none"
    )
    shape = aligned(joints, batch.joints, torch.ones(len(image), 21))
    return {
        "heatmap": 50
        * mean((maps.heatmap.sigmoid() - target).square(), torch.maximum(image, 1 - batch.present)),
        "delta": under_heatmap(maps.delta, bones),
        "location": 2 * under_heatmap(maps.location, batch.joints),
        "joints 2d": 20 * mean((joints_px - batch.joints_px).abs() * inside / SIZE, image),
        "joints 3d": 5 * mean((joints - batch.joints).abs(), space),
        "aligned 3d": 5 * mean((shape - batch.joints).abs(), space),
        "hand": 0.3 * (sides[:, 0].mean() + mean(sides[:, 1], batch.present)),
    }


def random_maps(count, seed):
    make = torch.Generator().manual_seed(seed)
    shapes = (21, CELLS, CELLS), (21, 3, CELLS, CELLS), (21, 3, CELLS, CELLS), (2,)
    return HandMaps(*(torch.randn(count, *shape, generator=make) for shape in shapes))


@pytest.mark.parametrize("present", [(1, 1, 1, 1), (1, 0, 1, 0), (0, 0, 0, 0)])
def test_with_even_weights_the_loss_is_the_one_by_picture(present):
    present = torch.tensor(present).float()
    image, space = present * torch.tensor([1, 1, 0, 1.0]), present * torch.tensor([1, 1, 0.5, 0])
    batch = pictures(4)._replace(
        weight_2d=image[:, None].expand(-1, 21),
        weight_3d=space[:, None].expand(-1, 21),
        present=present,
        weight_right=present,
        right=torch.tensor([1.0, 1, 0, 0]),
    )
    maps = random_maps(4, 0)
    found, wanted = hand_loss(maps, batch), loss_by_picture(maps, batch, image, space)
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-6)


def test_labels_without_weight_teach_nothing():
    """Half of the joints, and one picture's presence and side, are unknown."""
    batch = pictures(3)
    weight = torch.ones(3, 21)
    weight[:, 10:] = 0
    kept = torch.tensor([1.0, 1, 0])
    batch = batch._replace(
        weight_2d=weight, weight_3d=weight, weight_present=kept, weight_right=kept
    )
    joints_px, joints = batch.joints_px.clone(), batch.joints.clone()
    joints_px[:, 10:], joints[:, 10:] = 5.0, 7.0
    other = batch._replace(
        joints_px=joints_px,
        joints=joints,
        present=torch.tensor([1.0, 1, 0]),
        right=torch.tensor([1.0, 1, 0]),
    )
    maps = random_maps(3, 1)
    torch.testing.assert_close(hand_loss(maps, other), hand_loss(maps, batch))
