import cv2
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dfmamba.errors import UserError
from dfmamba.synth.surface.harmonics import harmonics
from dfmamba.synth.surface.textures import (
    BACKGROUND_SIZE,
    SKIN_SIZE,
    RiggedHand,
    Textures,
    atlas_uv,
    cloud,
    procedural,
)


def picture(path, colour, size=(24, 32)):
    """A file of one RGB colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dtype = np.float32 if path.suffix == ".hdr" else np.uint8
    assert cv2.imwrite(str(path), np.full((*size, 3), colour[::-1], dtype))


@pytest.fixture
def folder(tmp_path):
    """A data folder with two skins, a room, a photograph and a panorama that is bright above."""
    picture(tmp_path / "skins" / "a.jpg", (200, 150, 120))
    picture(tmp_path / "skins" / "b.jpg", (80, 60, 50))
    picture(tmp_path / "skins" / "special_suit.jpg", (0, 0, 255))
    picture(tmp_path / "bg" / "interior" / "room.jpg", (10, 200, 10))
    picture(tmp_path / "bg" / "photos" / "shot.png", (250, 0, 0))
    sky = np.zeros((64, 1024, 3), np.float32)
    sky[:24] = 4
    sky[24:] = 0.5
    (tmp_path / "bg" / "hdri").mkdir()
    cv2.imwrite(str(tmp_path / "bg" / "hdri" / "sky.hdr"), sky)
    return tmp_path


def test_a_folder_gives_skins_backgrounds_and_light(folder, arrays):
    found = Textures.load(folder, arrays, "cpu")
    assert found.skins.shape == (2, 3, SKIN_SIZE, 2 * SKIN_SIZE)  # none of the suit
    assert found.skins[0].float().mean((1, 2)).tolist() == pytest.approx([200, 150, 120], abs=3)
    assert found.backgrounds.shape == (4, 3, *BACKGROUND_SIZE)  # a panorama gives two views
    mean = found.backgrounds.float().mean((2, 3))
    assert mean[0].tolist() == pytest.approx([10, 200, 10], abs=3)
    assert mean[1].tolist() == [250, 0, 0]
    assert found.light.shape == (1, 9, 3)
    assert found.hands == {}


def test_grey_pictures_have_three_colours(folder, arrays):
    cv2.imwrite(str(folder / "skins" / "a.jpg"), np.full((24, 32), 130, np.uint8))
    found = Textures.load(folder, arrays, "cpu").skins[0]
    assert found.float().mean((1, 2)).tolist() == pytest.approx([130] * 3, abs=3)


def test_light_comes_from_where_the_panorama_is_bright(folder, arrays):
    light = Textures.load(folder, arrays, "cpu").light[0]
    ways = F.normalize(torch.randn(500, 3, generator=torch.Generator().manual_seed(0)), dim=-1)
    bright = (harmonics(ways) @ light).mean(1)
    assert torch.corrcoef(torch.stack([bright, -ways[:, 1]]))[0, 1] > 0.9  # y looks down
    assert bright.mean().item() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("part", ["skins/a.jpg", "bg/interior/room.jpg"])
def test_a_broken_picture_is_told(folder, arrays, part):
    (folder / part).write_bytes(b"no picture")
    with pytest.raises(UserError, match="damaged"):
        Textures.load(folder, arrays, "cpu")


def test_a_folder_without_skins_is_told(folder, arrays):
    for path in (folder / "skins").iterdir():
        path.unlink()
    with pytest.raises(UserError, match=r"no \*\.jpg"):
        Textures.load(folder, arrays, "cpu")


def test_a_pack_keeps_everything(arrays, tmp_path):
    made = procedural()
    rigged = RiggedHand(arrays, made.skins[:1, :, :8, :8])
    few = Textures(made.skins[..., :8, :8], made.backgrounds[:2], made.light, {"nails": rigged})
    few.save(tmp_path / "deep" / "pack.npz")
    back = Textures.load(tmp_path / "deep" / "pack.npz", arrays, "cpu")
    for name in ("skins", "backgrounds", "light"):
        assert torch.equal(getattr(back, name), getattr(few, name))
    assert list(back.hands) == ["nails"]
    assert torch.equal(back.hands["nails"].skins, rigged.skins)
    for name, part in vars(arrays).items():
        assert torch.equal(getattr(back.hands["nails"].arrays, name), part), name


def test_hand_and_forearm_have_a_half_of_the_skin_each(arrays):
    uv, boxes = atlas_uv(arrays)
    forearm = arrays.weights[:, 0][arrays.triangles].amin(1) > 0.5
    assert forearm.any()
    assert uv.min() >= 0
    assert uv.max() <= 1
    assert (uv[forearm][..., 0] > 0.5).all()
    assert (uv[~forearm][..., 0] < 0.5).all()
    assert len(boxes) == 2


def test_clouds_are_smooth_and_fill_their_range():
    clouds = cloud(3, 2, 64, torch.Generator().manual_seed(0))
    assert clouds.shape == (3, 2, 64, 64)
    torch.testing.assert_close(clouds.amin((2, 3)), torch.zeros(3, 2))
    torch.testing.assert_close(clouds.amax((2, 3)), torch.ones(3, 2))
    assert clouds.diff(dim=3).abs().mean() < 0.3 * clouds.std()
