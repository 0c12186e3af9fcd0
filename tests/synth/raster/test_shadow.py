import torch
from torch.nn import functional as F

from dfmamba.synth.raster.shadow import Caster, lamp_light, shadow_maps

SQUARE = torch.tensor([[0, 1, 2], [0, 2, 3]])


def plate(half, z):
    corners = torch.tensor([[-1.0, -1], [1, -1], [1, 1], [-1, 1]]) * half
    return torch.cat([corners, torch.full((4, 1), z)], 1)[None]


def maps_of(meshes, lamp):
    picture = torch.zeros(1, dtype=torch.long)
    casters = [Caster(vertices, picture, triangles) for vertices, triangles in meshes]
    lamp = F.normalize(torch.tensor([lamp]), dim=-1)
    return shadow_maps(casters, lamp, torch.tensor([[0.0, 0, 500]]), torch.tensor([100.0]))


def light_at(maps, points, normal):
    points = torch.tensor(points)
    picture = torch.zeros(len(points), dtype=torch.long)
    return lamp_light(maps, points, torch.tensor(normal).expand(len(points), 3), picture)


def test_a_plate_shades_what_is_behind_it_and_nothing_else():
    maps = maps_of([(plate(20.0, 450.0), SQUARE), (plate(90.0, 520.0), SQUARE)], [0.0, 0, -1])
    points = [[0.0, 0, 520], [12, -12, 520], [40, 0, 520], [0, 60, 520], [0, 0, 450]]
    assert light_at(maps, points, [0.0, 0, -1]).tolist() == [0, 0, 1, 1, 1]


def test_a_shadow_falls_away_from_the_lamp():
    maps = maps_of([(plate(10.0, 450.0), SQUARE), (plate(90.0, 500.0), SQUARE)], [1.0, 0, -1])
    lit = light_at(maps, [[-50.0, 0, 500], [0, 0, 500], [50, 0, 500]], [0.0, 0, -1])
    assert lit.tolist() == [0, 1, 1]


def test_points_outside_the_map_are_lit():
    maps = maps_of([(plate(20.0, 450.0), SQUARE)], [0.0, 0, -1])
    assert light_at(maps, [[300.0, 0, 520]], [0.0, 0, -1]).tolist() == [1]


def test_a_ball_does_not_shade_the_side_that_faces_the_lamp():
    turn, rise = torch.meshgrid(
        torch.linspace(0, 2 * torch.pi, 33)[:-1], torch.linspace(-1.55, 1.55, 17), indexing="ij"
    )
    normals = torch.stack([rise.cos() * turn.cos(), rise.cos() * turn.sin(), rise.sin()], -1).view(
        -1, 3
    )
    ball = normals * 60 + torch.tensor([0.0, 0, 500])
    grid = torch.arange(32 * 17).view(32, 17)
    next_ = grid.roll(-1, 0)
    one = torch.stack([grid[:, :-1], next_[:, :-1], next_[:, 1:]], -1)
    two = torch.stack([grid[:, :-1], next_[:, 1:], grid[:, 1:]], -1)
    lamp = F.normalize(torch.tensor([0.4, -0.5, -0.7]), dim=-1)
    maps = maps_of([(ball[None], torch.cat([one, two]).view(-1, 3))], lamp.tolist())
    light = lamp_light(maps, ball, normals, torch.zeros(len(ball), dtype=torch.long))
    facing = normals @ lamp
    assert light[facing > 0.25].min() > 0.9
    assert light[facing < -0.5].max() < 0.1
