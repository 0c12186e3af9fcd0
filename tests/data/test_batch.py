import torch
from training_batch import random_batch

from dfmamba.data.batch import joined, sized, some_mirrored, synthetic
from dfmamba.metrics import palm_units
from dfmamba.model.targets import Batch
from dfmamba.synth import TrainingBatch


def some(count):
    return random_batch(count, 8, seed=count)


def test_of_made_pictures_everything_is_known_but_of_those_without_a_hand():
    present = torch.tensor([True, False, True])
    joints_mm = torch.randn(3, 21, 3) * 50 + torch.tensor([0, 0, 500.0])
    made = TrainingBatch(
        images=torch.rand(3, 3, 8, 8),
        joints_px=8 * torch.rand(3, 21, 2),
        joints_mm=joints_mm,
        visible=torch.zeros(3, 21, dtype=torch.bool),
        present=present,
        family=torch.zeros(3, dtype=torch.long),
        tone=torch.zeros(3),
    )
    batch = synthetic(made)
    assert torch.equal(batch.images, made.images)
    assert torch.equal(batch.joints_px, made.joints_px)
    assert torch.equal(batch.joints, palm_units(joints_mm))
    for weight in (batch.weight_2d, batch.weight_3d):
        assert torch.equal(weight, present.float()[:, None].expand(-1, 21))
    assert torch.equal(batch.present, present.float())
    assert torch.equal(batch.weight_right, present.float())
    assert batch.right.all()
    assert batch.weight_present.all()


def test_joined_batches_keep_their_order():
    first, second = some(2), some(3)
    both = joined([first, second])
    for part, one, other in zip(both, first, second, strict=True):
        assert torch.equal(part, torch.cat([one, other]))


def test_mirrored_pictures_have_no_joints():
    batch = some(40)
    mirrored = some_mirrored(batch, share=0.25)
    wrong = mirrored.right == 0
    assert wrong.sum() == 10
    assert torch.equal(mirrored.images[wrong], batch.images[wrong].flip(-1))
    assert torch.equal(mirrored.images[~wrong], batch.images[~wrong])
    assert not mirrored.weight_2d[wrong].any()
    assert not mirrored.weight_3d[wrong].any()
    for weight in (mirrored.present, mirrored.weight_present, mirrored.weight_right):
        assert weight.all()


def test_every_picture_has_its_turn_to_be_mirrored():
    torch.manual_seed(0)
    batch = some(8)
    turns = [some_mirrored(batch, share=0.25).right == 0 for _ in range(40)]
    assert torch.stack(turns).any(0).all()


def test_pictures_of_another_size_show_the_same_at_the_same_places():
    batch = some(2)._replace(images=torch.rand(2, 3, 1, 1).expand(2, 3, 12, 12))
    smaller = sized(batch, 8)
    torch.testing.assert_close(smaller.images, batch.images[..., :8, :8])
    torch.testing.assert_close(smaller.joints_px / 8, batch.joints_px / 12)
    kept = [name for name in Batch._fields if name not in ("images", "joints_px")]
    assert all(getattr(smaller, name) is getattr(batch, name) for name in kept)
    assert sized(batch, 12) is batch
