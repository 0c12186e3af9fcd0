import pytest
import torch
from torch.nn import functional as F

from dfmamba.synth.draw import Draw
from dfmamba.synth.hand_model import HandModel
from dfmamba.synth.objects import grid, object_colours, place_objects, random_paint
from dfmamba.synth.pose_prior import FAMILIES, Poser, flesh, key_angles
from dfmamba.synth.raster import rasterise
from dfmamba.synth.scene import place, pose_hands

COUNT, SIZE = 80, 48


def some_hands(arrays, names=None):
    model, poser, draw = HandModel(arrays), Poser(arrays.frames), Draw(0, "cpu")
    keys, right = key_angles(names), torch.ones(COUNT)
    return place(pose_hands(model, poser, draw, torch.zeros(COUNT, 2), keys, right), draw)[0]


@pytest.fixture
def hands(arrays):
    return some_hands(arrays)


@pytest.fixture
def objects(hands):
    return place_objects(hands, 1.0, Draw(1, "cpu"))


@pytest.fixture
def there(objects):
    """Which of the objects found a place."""
    return (objects.vertices - objects.vertices[:, :1]).norm(dim=-1).amax(1) > 1


def gaps(hands, objects):
    """From the flesh of each hand to its object, mm."""
    centres, radii = flesh(hands.joints[objects.picture])
    return (torch.cdist(centres, objects.vertices).amin(2) - radii).amin(1)


def test_some_hands_have_one_object(hands):
    objects = place_objects(hands, 0.25, Draw(2, "cpu"))
    assert len(objects.vertices) == len(objects.picture) == COUNT // 4
    assert len(objects.picture.unique()) == COUNT // 4


def test_hands_that_grasp_have_objects_more_often(hands):
    grasping = torch.tensor([name == "grasp" for name in (*FAMILIES, "free")])[hands.family]
    assert grasping.any()
    draws = [place_objects(hands, 0.25, Draw(seed, "cpu")).picture for seed in range(4)]
    assert grasping[torch.cat(draws)].float().mean() > 1.5 * grasping.float().mean()


def test_most_objects_find_a_place_and_hardly_enter_the_hand(hands, objects, there):
    assert there.float().mean() > 0.7
    deep = gaps(hands, objects)[there]
    assert (deep > -3).float().mean() > 0.95
    assert deep.min() > -8


def test_grasping_hands_touch_their_objects(arrays):
    hands = some_hands(arrays, ["cylinder", "cup", "ball", "pinch"])
    near = gaps(hands, place_objects(hands, 1.0, Draw(3, "cpu"))) < 12
    assert near.float().mean() > 0.6


def test_objects_are_as_large_as_things_that_hands_hold(objects, there):
    size = (objects.vertices.amax(1) - objects.vertices.amin(1)).amax(1)[there]
    assert size.max() < 450
    assert size.median() > 20


def test_normals_and_triangles_look_outwards(objects, there):
    vertices, normals = objects.vertices[there], objects.normals[there]
    torch.testing.assert_close(normals.norm(dim=-1), torch.ones(normals.shape[:2]))
    outwards = ((vertices - vertices.mean(1, keepdim=True)) * normals).sum(-1)
    assert (outwards > -1).all()
    corners = vertices[:, grid("cpu")[0]]
    faces = torch.linalg.cross(
        corners[:, :, 1] - corners[:, :, 0], corners[:, :, 2] - corners[:, :, 0]
    )
    middle = corners.mean(2) - vertices.mean(1, keepdim=True)
    assert ((faces * middle).sum(-1) > -0.1).float().mean() > 0.98


def test_the_side_to_the_lamp_is_brighter(objects):
    draw = Draw(4, "cpu")
    triangles, _ = grid("cpu")
    points = objects.vertices - objects.vertices.mean(1, keepdim=True)
    scale = SIZE / 2.2 / points.abs().amax((1, 2)).clamp(min=1)
    flat = points[..., :2] * scale[:, None, None] + SIZE / 2
    picture = torch.arange(COUNT)
    hits = rasterise(flat, points[..., 2] + 600, picture, triangles, COUNT, SIZE)
    photos = (255 * draw.uniform(3, 3, 20, 30)).byte()
    lamp = F.normalize(torch.tensor([-1.0, 0, -1]), dim=0).expand(COUNT, 3)
    room = torch.zeros(COUNT, 9, 3)
    room[:, 0] = 0.4 / 0.282095
    paint = random_paint(draw, COUNT, len(photos))
    colours = object_colours(hits, objects, paint, photos, room, lamp, torch.ones(COUNT, 3))
    assert colours.shape == (len(hits.pixel), 3)
    assert colours.min() >= 0
    assert colours.max() <= 1
    left = objects.normals[hits.mesh, triangles[hits.triangle, 0], 0] < -0.5
    right = objects.normals[hits.mesh, triangles[hits.triangle, 0], 0] > 0.5
    assert colours[left].mean() > colours[right].mean() + 0.1
