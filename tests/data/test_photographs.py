from dataclasses import replace

import numpy as np
import pytest
import torch

from dfmamba.data.crops import FITTED, Crops
from dfmamba.data.photographs import Photographs
from dfmamba.errors import UserError

EDGE, SIZE = 80, 64
CPU = torch.device("cpu")


@pytest.fixture
def pack(tmp_path):
    """Dark crops with a bright spot; the joints lie around its middle, at depths of their own."""

    def save(name="pack", count=3, edge=EDGE, margin=1.25, grey=40, radius=8.0):
        make = np.random.default_rng(count)
        middles = make.uniform(0.42, 0.58, (count, 2)) * edge
        y, x = np.mgrid[:edge, :edge] + 0.5
        apart = np.hypot(x - middles[:, 0, None, None], y - middles[:, 1, None, None])
        images = np.where(apart < 1.5 * radius, 230, grey).astype(np.uint8)
        ring = np.linspace(0, 2 * np.pi, 22)[:-1]
        depths = make.normal(0, 1, (count, 21, 1))
        around = np.stack([np.cos(ring), np.sin(ring)], 1) * radius
        joints = np.concatenate([np.tile(around / radius, (count, 1, 1)), depths], axis=2)
        path = tmp_path / f"{name}.npz"
        Crops(
            images=np.repeat(images[..., None], 3, -1),
            joints_px=middles[:, None] + around,
            weights_2d=np.ones((count, 21)),
            joints=joints - joints[:, :1],
            weights_3d=np.full((count, 21), FITTED),
            files=np.array([f"{row}.png" for row in range(count)]),
            sides=np.array(["right"] * count),
            margin=np.array(margin),
        ).save(path)
        return path

    return save


def test_joints_in_space_count_less_than_those_in_the_image(pack):
    batch = Photographs([pack()], SIZE, CPU).batch(5)
    assert batch.images.shape == (5, 3, SIZE, SIZE)
    assert batch.images.min() >= 0
    assert batch.images.max() <= 1
    assert batch.joints_px.shape == (5, 21, 2)
    assert batch.joints.shape == (5, 21, 3)
    assert (batch.weight_3d > 0).all()
    assert (batch.weight_3d < 1).all()
    assert batch.weight_2d.tolist() == [[1] * 21] * 5
    for each in (batch.present, batch.weight_present, batch.right, batch.weight_right):
        assert each.tolist() == [1] * 5


def test_joints_move_with_the_picture(pack):
    batch = Photographs([pack()], SIZE, CPU).batch(64)
    bright = batch.images.mean(1)
    bright = bright - bright.flatten(1).quantile(0.4, dim=1)[:, None, None]
    bright = (bright - 0.5 * bright.amax((1, 2), keepdim=True)).clamp(min=0)
    axis = torch.arange(SIZE) + 0.5
    total = bright.sum((1, 2))
    seen = torch.stack([bright.sum(1) @ axis, bright.sum(2) @ axis], 1) / total[:, None]
    middle = batch.joints_px.mean(1)
    whole = ((middle - SIZE / 2).abs() < SIZE / 4).all(1)
    assert whole.float().mean() > 0.7
    assert (seen - middle)[whole].abs().max() < 1.5


def test_joints_in_space_turn_with_the_picture(pack):
    """Seen from far away they are where those in the image are, but for scale and place."""
    path = pack(count=1)
    batch = Photographs([path], SIZE, CPU).batch(64)
    flat = batch.joints_px - batch.joints_px[:, :1]
    scale = flat.norm(dim=(1, 2)) / batch.joints[..., :2].norm(dim=(1, 2))
    torch.testing.assert_close(
        batch.joints[..., :2] * scale[:, None, None], flat, atol=1e-3, rtol=1e-4
    )
    depths = torch.from_numpy(Crops.load(path).joints[..., 2]).float().expand(64, -1)
    torch.testing.assert_close(batch.joints[..., 2], depths)


def test_each_is_turned_scaled_and_moved_in_its_own_way(pack):
    joints = Photographs([pack(count=1)], SIZE, CPU).batch(200).joints_px
    radius = (joints - joints.mean(1, keepdim=True)).norm(dim=-1).mean(1)
    assert radius.max() / radius.min() > 1.4
    spoke = joints[:, 0] - joints.mean(1)
    turn = torch.atan2(spoke[:, 1], spoke[:, 0])
    assert turn.abs().median() < 0.6  # mostly upright
    assert turn.abs().max() > 1.5
    assert joints.mean(1).std(0).min() > 2


def test_a_wider_pack_shows_the_same_hand_as_large(pack):
    """The margin lies around the network's crop."""
    sizes = []
    for edge, margin in ((64, 1.0), (128, 2.0)):
        joints = Photographs([pack("pack", 1, edge, margin)], SIZE, CPU).batch(50).joints_px
        sizes.append((joints - joints.mean(1, keepdim=True)).norm(dim=-1).mean().item())
    assert sizes[1] == pytest.approx(sizes[0], rel=1e-3)


def test_all_packs_are_drawn_from_and_a_seed_repeats(pack):
    packs = [pack("dark", grey=10), pack("light", grey=120)]
    batch, again = (Photographs(packs, SIZE, CPU, seed=3).batch(40) for _ in range(2))
    assert torch.equal(batch.images, again.images)
    ground = batch.images.mean(1).flatten(1).median(1).values
    assert (ground < 0.2).any()
    assert (ground > 0.3).any()
    other = Photographs(packs, SIZE, CPU, seed=4).batch(40)
    assert not torch.equal(batch.images, other.images)


def test_a_crop_may_teach_that_there_is_no_hand_or_no_side_or_be_drawn_more_often(pack):
    whole = Crops.load(pack())
    path = pack("some")
    replace(
        whole,
        present=np.array([1.0, 0.0, 1.0]),
        weights_right=np.array([0.5, 1.0, 1.0]),
        often=np.array([1.0, 3.0, 0.0]),
    ).save(path)
    batch = Photographs([path], SIZE, CPU).batch(400)
    assert (batch.present == 0).float().mean() == pytest.approx(0.75, abs=0.08)
    assert (batch.weight_present == 1).all()
    assert set(batch.weight_right[batch.present == 1].tolist()) == {0.5}
    assert (batch.weight_right[batch.present == 0] == 0).all()


def test_packs_that_are_cut_in_different_ways_are_refused(pack):
    first = pack()
    for other in (pack("small", edge=40), pack("tight", margin=1.0)):
        with pytest.raises(UserError, match="different ways"):
            Photographs([first, other], SIZE, CPU)


def test_a_missing_pack_is_told(tmp_path):
    with pytest.raises(UserError, match="no file"):
        Photographs([tmp_path / "none.npz"], SIZE, CPU)
