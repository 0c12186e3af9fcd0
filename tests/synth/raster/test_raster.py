import pytest
import torch

from dfmamba.synth.raster.zbuffer import rasterise

SIZE = 16
TRIANGLE = torch.tensor([[0, 1, 2]])
CORNERS = torch.tensor([[1.0, 1.0], [13.0, 2.0], [4.0, 12.0]])


def draw(points, depth, triangles=TRIANGLE, picture=None):
    picture = torch.zeros(len(points), dtype=torch.long) if picture is None else picture
    return rasterise(points, depth, picture, triangles, int(picture.max()) + 1, SIZE)


def centres(pixel):
    pixel = pixel % (SIZE * SIZE)
    return torch.stack([pixel % SIZE + 0.5, pixel // SIZE + 0.5], 1)


def test_covers_exactly_the_pixel_centres_inside():
    hits = draw(CORNERS[None], torch.full((1, 3), 500.0))
    axis = torch.arange(SIZE) + 0.5
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    inside = torch.ones(SIZE, SIZE, dtype=torch.bool)
    for first, second in ((0, 1), (1, 2), (2, 0)):
        (x0, y0), (x1, y1) = CORNERS[first], CORNERS[second]
        inside &= (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) >= 0
    drawn = torch.zeros(SIZE * SIZE, dtype=torch.bool)
    drawn[hits.pixel] = True
    assert torch.equal(drawn.view(SIZE, SIZE), inside)


def test_winding_does_not_matter():
    depth = torch.full((1, 3), 500.0)
    turned = draw(CORNERS[None], depth, TRIANGLE.flip(1))
    assert torch.equal(turned.pixel, draw(CORNERS[None], depth).pixel)


def test_nearer_surface_wins_whatever_the_order():
    points = CORNERS.expand(2, 3, 2)
    for near in (0, 1):
        depth = torch.full((2, 3), 700.0)
        depth[near] = 500.0
        hits = draw(points, depth)
        assert (hits.mesh == near).all()
        torch.testing.assert_close(hits.depth, torch.full_like(hits.depth, 500.0))


def test_barycentrics_are_perspective_correct():
    focal = 20.0
    corners = torch.tensor([[-150.0, -120.0, 300.0], [200.0, -90.0, 500.0], [-60.0, 260.0, 900.0]])
    points = corners[:, :2] / corners[:, 2:] * focal + SIZE / 2
    hits = draw(points[None], corners[None, :, 2])
    assert len(hits.pixel) > 20
    surface = hits.weights @ corners
    torch.testing.assert_close(surface[:, 2], hits.depth, rtol=1e-4, atol=1e-2)
    again = surface[:, :2] / surface[:, 2:] * focal + SIZE / 2
    torch.testing.assert_close(again, centres(hits.pixel), rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(hits.weights.sum(1), torch.ones(len(hits.pixel)))


def test_each_mesh_goes_to_its_own_picture():
    picture = torch.tensor([1, 0])
    points = torch.stack([CORNERS, CORNERS * 0.5])
    hits = draw(points, torch.full((2, 3), 500.0), picture=picture)
    assert torch.equal(picture[hits.mesh], hits.pixel // (SIZE * SIZE))


@pytest.mark.parametrize("shift", [-100.0, 100.0])
def test_nothing_outside_the_picture(shift):
    assert len(draw(CORNERS[None] + shift, torch.full((1, 3), 500.0)).pixel) == 0


def test_a_surface_behind_the_camera_is_not_drawn():
    assert len(draw(CORNERS[None], torch.full((1, 3), -500.0)).pixel) == 0
