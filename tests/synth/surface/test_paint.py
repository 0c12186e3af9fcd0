import torch
from torch.nn import functional as F

from dfmamba.synth.draw import Draw
from dfmamba.synth.raster.zbuffer import rasterise
from dfmamba.synth.surface.paint import object_colours, random_paint
from dfmamba.synth.things.objects import Objects
from dfmamba.synth.things.shapes import grid, superquadrics

COUNT, SIZE = 40, 48


def test_the_side_to_the_lamp_is_brighter():
    draw, none = Draw(4, "cpu"), torch.zeros(COUNT)
    around, along = draw.between(2, 8, 2, COUNT)
    points, normals = superquadrics(around, along, none, none)
    picture = torch.arange(COUNT)
    middle = torch.tensor([0.0, 0, 600])
    objects = Objects(50 * points + middle, F.normalize(normals, dim=-1), picture)
    triangles, _ = grid("cpu")
    flat = SIZE / 2.2 * points[..., :2] + SIZE / 2
    hits = rasterise(flat, objects.vertices[..., 2], picture, triangles, COUNT, SIZE)
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
