import pytest
import torch
from solids import BOX, CAN, EGG, STICK

from dfmamba.synth.draw import Draw
from dfmamba.synth.hand.contact import flesh
from dfmamba.synth.hand.hand_model import HandModel
from dfmamba.synth.hand.key_poses import FAMILIES, key_angles
from dfmamba.synth.hand.poser import Poser
from dfmamba.synth.scene import place, pose_hands
from dfmamba.synth.things.objects import PALM, PEN, PLATE, TIPS, WRAPPED, place_objects, way_to_hold
from dfmamba.synth.things.shapes import COLUMNS, ROWS, grid

COUNT = 80


def some_hands(arrays, names=None):
    model, poser, draw = HandModel(arrays), Poser(arrays.frames), Draw(0, "cpu")
    keys, right = key_angles(names), torch.ones(COUNT)
    return place(pose_hands(model, poser, draw, torch.zeros(COUNT, 2), keys, right), draw)[0]


@pytest.fixture
def hands(arrays):
    return some_hands(arrays)


@pytest.fixture(params=["superquadrics", "real things"])
def shapes(request, solids, monkeypatch):
    """Shapes for `place_objects`, which then takes no others; or None."""
    monkeypatch.setattr("dfmamba.synth.things.objects.REAL", 1.0)
    return solids if request.param == "real things" else None


@pytest.fixture
def objects(hands, shapes):
    return place_objects(hands, 1.0, Draw(1, "cpu"), shapes)


@pytest.fixture
def there(objects):
    return found_a_place(objects)


def found_a_place(objects):
    return (objects.vertices - objects.vertices[:, :1]).norm(dim=-1).amax(1) > 1


def gaps(hands, objects):
    """From the flesh of each hand to its object, mm."""
    centres, radii = flesh(hands.joints[objects.picture])
    rows = objects.vertices.view(-1, ROWS, COLUMNS + 1, 3)
    between = [rows[:, :-1].lerp(rows[:, 1:], share / 8) for share in range(9)]
    surface = torch.cat(between, 1).flatten(1, 2)
    return (torch.cdist(centres, surface).amin(2) - radii).amin(1)


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


def test_grasping_hands_touch_their_objects(arrays, shapes):
    hands = some_hands(arrays, ["cylinder", "cup", "ball", "pinch"])
    near = gaps(hands, place_objects(hands, 1.0, Draw(3, "cpu"), shapes)) < 12
    assert near.float().mean() > 0.6


def test_objects_are_as_large_as_things_that_hands_hold(objects, there):
    size = (objects.vertices.amax(1) - objects.vertices.amin(1)).amax(1)[there]
    assert size.max() < 450
    assert size.median() > 20


def test_normals_and_triangles_look_outwards(hands, shapes):
    if shapes is not None:
        shapes = shapes.rows(torch.tensor([CAN, BOX, EGG]))  # without a hollow
    objects = place_objects(hands, 1.0, Draw(1, "cpu"), shapes)
    there = found_a_place(objects)
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


@pytest.mark.parametrize("shape", [CAN, STICK])
def test_fingers_keep_out_of_slender_and_of_crooked_things(arrays, solids, monkeypatch, shape):
    monkeypatch.setattr("dfmamba.synth.things.objects.REAL", 1.0)
    hands = some_hands(arrays, ["cylinder", "cup", "power"])
    objects = place_objects(hands, 1.0, Draw(1, "cpu"), solids.rows(torch.tensor([shape])))
    deep = gaps(hands, objects)[found_a_place(objects)]
    assert (deep > -3).float().mean() > 0.98
    assert (deep < 12).float().mean() > 0.6


def test_normals_stay_at_right_angles_to_what_is_made_thinner(hands, solids, monkeypatch):
    monkeypatch.setattr("dfmamba.synth.things.objects.REAL", 1.0)
    objects = place_objects(hands, 1.0, Draw(1, "cpu"), solids.rows(torch.tensor([EGG])))
    triangles = grid("cpu")[0]
    corners, normals = objects.vertices[:, triangles], objects.normals[:, triangles].mean(2)
    faces = torch.linalg.cross(
        corners[:, :, 1] - corners[:, :, 0], corners[:, :, 2] - corners[:, :, 0]
    )
    faces, normals = faces[found_a_place(objects)], normals[found_a_place(objects)]
    along = torch.cosine_similarity(faces, normals, dim=-1)
    assert along[faces.norm(dim=-1) > 1].mean() > 0.97


def test_a_share_of_the_objects_are_real_things(hands, solids):
    """They come in no other length than their own, where they are held along it."""
    can = solids.rows(torch.tensor([1]))  # 150 mm long, wrapped by the hand
    lengths = []
    for seed in range(4):
        objects = place_objects(hands, 1.0, Draw(seed, "cpu"), can)
        lengths.append((objects.vertices[:, 0] - objects.vertices[:, -1]).norm(dim=-1))
    length = torch.cat(lengths)
    share = ((length - 150).abs() < 0.1).sum() / (length > 1).sum()
    assert 0.3 < share < 0.5


def test_things_are_held_as_suits_their_size():
    half = torch.tensor(
        [
            *([34.0, 34, 60], [16, 60, 160]),  # a can, a hammer
            *([36, 37, 38], [8, 8, 9]),  # an apple, a die
            *([9, 9, 60], [9, 40, 56]),  # a marker, a sponge
        ]
    )
    assert way_to_hold(half).tolist() == [WRAPPED, WRAPPED, PALM, TIPS, PEN, PLATE]
