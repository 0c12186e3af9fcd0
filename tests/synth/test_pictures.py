import pytest
import torch

from dfmamba.errors import UserError
from dfmamba.synth.sheet import contact_sheet
from dfmamba.synth.textures import Textures

COUNT, SIZE = 12, 64


@pytest.fixture
def batch(make):
    return make().batch(COUNT)


def test_shapes_and_ranges(batch):
    assert batch.images.shape == (COUNT, 3, SIZE, SIZE)
    assert batch.joints_px.shape == (COUNT, 21, 2)
    assert batch.joints_mm.shape == (COUNT, 21, 3)
    assert batch.visible.shape == (COUNT, 21)
    assert batch.mask.shape == batch.depth.shape == (COUNT, SIZE, SIZE)
    assert batch.images.isfinite().all()
    assert batch.images.min() >= 0
    assert batch.images.max() <= 1


def test_joints_are_the_projection_of_their_3d_positions(batch):
    """One focal length and centre per picture explain every joint."""
    for joints, pixels in zip(batch.joints_mm, batch.joints_px, strict=True):
        flat = joints[:, :2] / joints[:, 2:]
        columns = torch.zeros(42, 3)
        columns[:, 0] = flat.flatten()
        columns[0::2, 1] = columns[1::2, 2] = 1
        found = torch.linalg.lstsq(columns, pixels.flatten()[:, None]).solution
        torch.testing.assert_close(columns @ found, pixels.flatten()[:, None], atol=0.02, rtol=0)
        assert found[0] > 0


def test_visible_joints_lie_on_the_mask_near_the_surface(batch):
    for row, joint in batch.visible.nonzero().tolist():
        x, y = batch.joints_px[row, joint].long().tolist()
        assert batch.mask[row, y, x]
        assert batch.joints_mm[row, joint, 2] - batch.depth[row, y, x] < 30
    assert 0.2 < batch.visible.float().mean() < 0.95


def test_depth_is_finite_exactly_on_the_mask(batch):
    assert torch.equal(batch.depth.isfinite(), batch.mask)
    assert batch.mask.any((1, 2)).all()


def test_the_same_seed_gives_the_same_pictures(make, batch):
    again, other = make().batch(COUNT), make(seed=1).batch(COUNT)
    for one, same in zip(batch, again, strict=True):
        assert torch.equal(one, same)
    assert not torch.equal(batch.images, other.images)


def test_batches_differ(make):
    pictures = make()
    assert not torch.equal(pictures.batch(2).images, pictures.batch(2).images)


@pytest.mark.parametrize("count", [1, 3])
def test_small_batches(make, count):
    assert len(make().batch(count).images) == count


def test_held_out_people_skins_and_places_are_never_trained_on(make):
    training, held_out = make(), make(held_out=True)
    for name in ("people", "skin_choice", "photos", "keys"):
        mine, theirs = (
            getattr(p, name).flatten(1) if getattr(p, name).ndim > 1 else getattr(p, name)[:, None]
            for p in (training, held_out)
        )
        assert len(mine)
        assert len(theirs)
        assert not ({tuple(row) for row in mine.tolist()} & {tuple(row) for row in theirs.tolist()})


def test_a_pack_gives_the_pictures_of_its_textures(make, arrays, tmp_path):
    path = tmp_path / "pack.npz"
    Textures.load(None, arrays, "cpu").save(path)
    assert torch.equal(make(data=path).batch(2).images, make().batch(2).images)


def test_a_folder_without_textures_says_so(make, tmp_path):
    with pytest.raises(UserError, match="skins/"):
        make(data=tmp_path)


def test_contact_sheet_has_two_tiles_per_picture(make):
    sheet = contact_sheet(make(), 2, 3)
    assert sheet.shape == (2 * 2 * SIZE, 3 * 2 * 2 * SIZE, 3)
    assert sheet.std() > 10
