from math import ceil

import numpy as np
import pytest
import torch

from dfmamba.data.crops import FITTED, Crops
from dfmamba.model.targets import Batch
from dfmamba.train.drawing import drawer, drawn_at_once, in_parts
from dfmamba.train.recipe import Recipe

SIZE, COUNT = 32, 20
CPU = torch.device("cpu")


@pytest.fixture
def hand(monkeypatch, arrays, tmp_path):
    """A baked hand in an otherwise empty cache."""
    monkeypatch.setattr("dfmamba.synth.hand.hand_model.cache_folder", lambda: tmp_path)
    arrays.save(tmp_path / "hand.npz")


@pytest.fixture
def pack(tmp_path):
    crops = Crops(
        images=np.full((2, 40, 40, 3), 128, np.uint8),
        joints_px=np.random.default_rng(0).uniform(5, 35, (2, 21, 2)),
        weights_2d=np.ones((2, 21)),
        joints=np.random.default_rng(1).normal(0, 0.6, (2, 21, 3)),
        weights_3d=np.full((2, 21), FITTED),
        files=np.array(["a.png", "b.png"]),
        sides=np.array(["right", "right"]),
        margin=np.array(1.25),
    )
    crops.save(tmp_path / "pack.npz")
    return tmp_path / "pack.npz"


@pytest.mark.usefixtures("hand")
def test_made_pictures_alone_are_known_in_space():
    batch = drawer(Recipe(), None, (), SIZE, CPU, seed=0)(COUNT)
    assert batch.images.shape == (COUNT, 3, SIZE, SIZE)
    assert torch.equal(batch.weight_3d[:, 0], batch.present)
    assert batch.present.any()


@pytest.mark.usefixtures("hand")
def test_a_share_of_a_batch_are_photographs(pack):
    batch = drawer(Recipe(), None, (pack,), SIZE, CPU, seed=0)(COUNT)
    assert batch.images.shape == (COUNT, 3, SIZE, SIZE)
    real = (batch.weight_3d == FITTED).all(1)
    assert real.sum() == ceil(Recipe().photographs * COUNT)
    assert (batch.weight_2d[real] == 1).all()
    grey = batch.images[real]
    assert grey.std((2, 3)).max() < 0.25  # nothing but the grey of the pack


@pytest.mark.usefixtures("hand")
@pytest.mark.parametrize("count", [2, 3])
def test_small_batches_have_photographs_too(pack, count):
    batch = drawer(Recipe(), None, (pack,), SIZE, CPU, seed=0)(count)
    assert len(batch.images) == count
    assert (batch.weight_3d == FITTED).all(1).sum() == 1


@pytest.mark.usefixtures("hand")
def test_a_seed_repeats_and_another_differs(pack):
    first, again, other = (
        drawer(Recipe(), None, (pack,), SIZE, CPU, seed)(4).images for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_gpu_draws_thousands_of_small_pictures_at_once_and_fewer_large_ones():
    assert drawn_at_once(128) in range(4000, 8000)
    assert drawn_at_once(256) == pytest.approx(drawn_at_once(128) / 4, rel=0.01)


def test_parts_hand_out_all_pictures_before_one_comes_again():
    drawn = []

    def draw(count):
        first = sum(drawn)
        drawn.append(count)
        return Batch(*(first + torch.arange(count) for _ in Batch._fields))

    part = in_parts(draw, at_once=30, uses=2)
    parts = [part(8) for _ in range(9)]
    assert drawn == [24, 24]
    for each in parts:
        assert all(torch.equal(column, each.images) for column in each)
    first, again, later = torch.cat([each.images for each in parts]).split(24)
    assert first.sort().values.tolist() == again.sort().values.tolist() == list(range(24))
    assert later.sort().values.tolist() == list(range(24, 48))
    assert first.tolist() != again.tolist() != list(range(24))
    assert len(part(50).images) == 50  # more than are drawn at once
