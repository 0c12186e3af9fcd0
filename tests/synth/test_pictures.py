import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dfmamba.errors import UserError
from dfmamba.synth.hand.key_poses import FREE
from dfmamba.synth.pictures import FINE, MARGIN, SynthConfig, TrainingPictures
from dfmamba.synth.raster.visible import visible_joints
from dfmamba.synth.scene import frame, place, pose_hands
from dfmamba.synth.sheet import contact_sheet
from dfmamba.synth.surface.looks import random_looks
from dfmamba.synth.surface.textures import Textures
from dfmamba.synth.things.objects import place_objects
from dfmamba.synth.things.shapes import BAKED_SHAPES

COUNT, SIZE = 12, 64
EDGE = FINE * SIZE


@pytest.fixture(scope="module")
def batch(make):
    return make().batch(COUNT)


def test_shapes_and_ranges(batch):
    assert batch.images.shape == (COUNT, 3, SIZE, SIZE)
    assert batch.joints_px.shape == (COUNT, 21, 2)
    assert batch.joints_mm.shape == (COUNT, 21, 3)
    assert batch.visible.shape == (COUNT, 21)
    assert batch.present.shape == batch.family.shape == batch.tone.shape == (COUNT,)
    assert batch.images.isfinite().all()
    assert batch.images.min() >= 0
    assert batch.images.max() <= 1
    assert batch.family.min() >= 0
    assert batch.family.max() <= FREE
    assert batch.tone.min() >= 0
    assert batch.tone.max() <= 1


def test_joints_are_the_projection_of_their_3d_positions(batch):
    """One pinhole camera per picture, however it is turned, explains every joint."""
    for joints, pixels in zip(batch.joints_mm.double(), batch.joints_px.double(), strict=True):
        # x (h3 . j) = h1 . j and y (h3 . j) = h2 . j, homogeneous in the rows h of the camera.
        rows = joints / joints[:, 2:]
        none = torch.zeros_like(rows)
        x, y = pixels[:, :1] * rows / 100, pixels[:, 1:] * rows / 100
        columns = torch.cat([torch.cat([rows, none, -x], 1), torch.cat([none, rows, -y], 1)])
        camera = torch.linalg.svd(columns).Vh[-1].view(3, 3)
        found = rows @ camera.T
        torch.testing.assert_close(100 * found[:, :2] / found[:, 2:], pixels, atol=0.02, rtol=0)


def test_visible_joints_lie_where_the_picture_shows_the_hand(make, batch):
    inside = ((batch.joints_px >= 0) & (batch.joints_px < SIZE)).all(-1)
    assert not (batch.visible & ~inside).any()
    assert 0.2 < batch.visible.float().mean() < 0.95
    empty = make(absent=1.0).batch(COUNT)  # of the same rooms, by the same cameras
    changed = (batch.images - empty.images).abs().amax(1)
    x, y = batch.joints_px.long().clamp(0, SIZE - 1).unbind(-1)
    at_joints = changed[torch.arange(COUNT)[:, None], y, x][batch.visible]
    assert (at_joints > 0.02).float().mean() > 0.95
    assert (changed < 0.02).float().mean() > 0.3


class Scene:
    """Some right hands as the pictures draw them, without the crop, the room and the camera."""

    def __init__(self, pictures, count, objects=0.0):
        kit, draw = pictures.kits[0], pictures.draw
        people, right = pictures.people[:count], torch.ones(count)
        posed = pose_hands(kit.model, kit.poser, draw, people, pictures.keys, right)
        self.hands, focal = place(posed, draw)
        self.view = frame(self.hands.joints, focal, MARGIN, EDGE)
        self.joints_px = self.view.project(self.hands.joints)
        looks = random_looks(draw, count, kit.surface.means, kit.skin_choice, pictures.light)
        held = place_objects(self.hands, objects, draw)
        picture = torch.arange(count)
        self.canvas, self.depth = pictures.render(kit, self.hands, self.view, picture, looks, held)


@pytest.fixture(scope="module")
def scene(make):
    return Scene(make(), COUNT)


def test_a_canvas_shows_the_hand_and_nothing_else(scene):
    alpha = scene.canvas[:, 3]
    assert set(alpha.unique().tolist()) == {0, 1}
    assert torch.equal(alpha == 1, scene.depth.isfinite())
    assert (alpha == 1).any((1, 2)).all()
    assert (scene.canvas[:, :3] * (1 - alpha[:, None]) == 0).all()


def test_the_hands_depth_is_that_of_its_surface(scene):
    for row, depth in enumerate(scene.depth):
        seen = depth[depth.isfinite()]
        z = scene.hands.vertices[row, :, 2]
        assert seen.min() > z.min() - 0.1
        assert seen.max() < z.max() + 0.1


def test_visible_joints_lie_near_the_hands_own_surface(scene):
    visible = visible_joints(scene.hands.joints, scene.joints_px, scene.depth)
    for row, joint in visible.nonzero().tolist():
        x, y = scene.joints_px[row, joint].long().tolist()
        assert scene.canvas[row, 3, y, x] == 1
        assert scene.hands.joints[row, joint, 2] - scene.depth[row, y, x] < 30
    assert 0.2 < visible.float().mean() < 0.95


def test_what_is_held_hides_the_hand(make):
    empty, full = Scene(make(), COUNT), Scene(make(), COUNT, objects=1.0)
    assert torch.equal(empty.hands.joints, full.hands.joints)
    hidden = empty.depth.isfinite() & full.depth.isinf()
    assert hidden.any()
    assert not (empty.depth.isinf() & full.depth.isfinite()).any()
    assert (full.canvas[:, 3][hidden] == 1).all()
    added = (full.canvas[:, 3] == 1) & (empty.canvas[:, 3] == 0)
    assert added.any()


def test_a_share_of_the_pictures_has_no_hand(make):
    batch = make(absent=0.5, showings=5).batch(60)
    assert 0.3 < batch.present.float().mean() < 0.7
    assert not batch.visible[~batch.present].any()
    assert batch.visible[batch.present].any(1).float().mean() > 0.9


def test_showings_are_of_one_hand_each_in_its_own_picture(make):
    batch = make(showings=2).batch(8)
    first, again = batch.joints_mm[:4], batch.joints_mm[4:]
    lengths = [torch.cdist(each, each) for each in (first, again)]
    torch.testing.assert_close(*lengths, atol=0.05, rtol=1e-4)
    assert (first - again).abs().amax((1, 2)).min() > 1  # turned otherwise
    assert (batch.images[:4] - batch.images[4:]).abs().mean((1, 2, 3)).min() > 0.02
    torch.testing.assert_close(batch.tone[:4], batch.tone[4:])
    assert len(make(showings=2).batch(5).images) == 5


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


def test_another_hand_or_an_object_lies_beside_the_hand_only_where_it_is_asked_for(make):
    def shown(**beside):
        """The share of the pictures that differs from those of the same rooms without a hand."""
        config = {"objects": 0.0, "second_hands": 0.0, "showings": 4} | beside
        batch, empty = make(**config).batch(64), make(absent=1.0, **config).batch(64)
        return ((batch.images - empty.images).abs().amax(1) > 0.02).float().mean()

    alone = shown()
    assert shown(second_hands=1.0) > alone + 0.03
    assert shown(objects=1.0) > alone + 0.03


def test_held_out_people_skins_and_places_are_never_trained_on(make):
    training, held_out = make(), make(held_out=True)
    for of in (
        lambda pictures: pictures.people,
        lambda pictures: pictures.kits[0].skin_choice[:, None],
        lambda pictures: pictures.photos.flatten(1),
        lambda pictures: pictures.keys.flatten(1),
    ):
        mine, theirs = of(training), of(held_out)
        assert len(mine)
        assert len(theirs)
        assert not ({tuple(row) for row in mine.tolist()} & {tuple(row) for row in theirs.tolist()})


def test_real_things_lie_beside_the_hand_and_some_are_held_out(make, solids, hand_file, tmp_path):
    assert make().shapes is None
    hand = Path(shutil.copy(hand_file, tmp_path))
    solids.save(tmp_path / BAKED_SHAPES)

    def drawn(**options):
        return TrainingPictures(SynthConfig(size=SIZE, hand=hand, **options))

    training, held_out = drawn().shapes.half.tolist(), drawn(held_out=True).shapes.half.tolist()
    assert len(training) + len(held_out) == len(solids.half)
    assert held_out
    assert not {tuple(row) for row in training} & {tuple(row) for row in held_out}
    with_things = drawn(objects=1.0).batch(COUNT).images
    assert not torch.equal(with_things, make(objects=1.0).batch(COUNT).images)


def test_a_pack_gives_the_pictures_of_its_textures(make, arrays, tmp_path):
    path = tmp_path / "pack.npz"
    Textures.load(None, arrays, "cpu").save(path)
    assert torch.equal(make(data=path).batch(2).images, make().batch(2).images)


def test_too_few_textures_to_keep_some_from_training_are_told(make, arrays, tmp_path):
    path, made = tmp_path / "pack.npz", Textures.load(None, arrays, "cpu")
    replace(made, backgrounds=made.backgrounds[:1]).save(path)
    assert len(make(data=path).batch(1).images) == 1
    with pytest.raises(UserError, match="too few skins, backgrounds"):
        make(data=path, held_out=True)


@pytest.mark.parametrize("size", [0, -16, 100])
def test_sizes_that_cannot_be_drawn_are_told(size):
    with pytest.raises(UserError, match=f"not {size}"):
        SynthConfig(size=size)


def test_a_folder_without_textures_says_so(make, tmp_path):
    with pytest.raises(UserError, match="skins/"):
        make(data=tmp_path)


def test_contact_sheet_has_two_tiles_per_picture(make):
    sheet = contact_sheet(make(), 2, 3)
    assert sheet.shape == (2 * 2 * SIZE, 3 * 2 * 2 * SIZE, 3)
    assert sheet.std() > 10
