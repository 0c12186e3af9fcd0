import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from dfmamba.camera import Crop, Intrinsics
from dfmamba.synth.camera.crop_jitter import CropJitter, Window, random_window
from dfmamba.synth.draw import Draw
from dfmamba.synth.scene import View, facing

STILL = CropJitter(scale=(1.0, 1.0), shift=0.0, turn_deg=0.0, any_way=0.0, astray=0.0)
MARGIN, EDGE, SIZE = 1.6, 96, 60


@pytest.fixture(autouse=True)
def repeated():
    torch.manual_seed(0)


def windows(count=400, jitter=None, seed=0):
    return random_window(Draw(seed, "cpu"), count, MARGIN, jitter or CropJitter())


def spots(points):
    """Pictures (B, 1, EDGE, EDGE) with a soft spot at each point (B, 2), pixels."""
    axis = torch.arange(EDGE) + 0.5
    x, y = ((axis - points[:, k, None]).square() for k in (0, 1))
    return torch.exp(-(y[:, :, None] + x[:, None]) / 18)[:, None]


def middle_of(pictures):
    weights = pictures[:, 0] / pictures.sum((1, 2, 3))[:, None, None]
    axis = torch.arange(pictures.shape[-1]) + 0.5
    return torch.stack([weights.sum(1) @ axis, weights.sum(2) @ axis], 1)


def test_points_go_where_the_picture_goes():
    points = torch.full((400, 2), EDGE / 2) + 8 * torch.randn(400, 2).clamp(-1, 1)
    window = windows()
    placed = window.place(points[:, None], EDGE, SIZE)[:, 0]
    well_inside = ((placed > 15) & (placed < SIZE - 15)).all(1)
    assert well_inside.float().mean() > 0.7
    seen = middle_of(window.cut(spots(points), SIZE))
    assert (seen - placed)[well_inside].abs().max() < 0.3


def test_the_still_crop_is_the_middle_of_the_picture():
    window = windows(3, STILL)
    corner = torch.full((3, 1, 2), EDGE / 2 * (1 - 1 / MARGIN))
    torch.testing.assert_close(
        window.place(corner, EDGE, SIZE), torch.zeros(3, 1, 2), atol=1e-4, rtol=0
    )
    picture = torch.rand(3, 2, EDGE, EDGE)
    inner = window.cut(picture, int(EDGE / MARGIN))
    side = (EDGE - int(EDGE / MARGIN)) // 2
    torch.testing.assert_close(inner, picture[:, :, side:-side, side:-side], atol=1e-4, rtol=1e-4)


def cameras(count):
    """Views whose pictures were cut out of frames far to the side."""
    return View(torch.full((count,), 400.0), EDGE / 2 + 150 * torch.randn(count, 2))


def test_points_are_seen_by_a_camera_that_faces_the_crop():
    window, view = windows(), cameras(400)
    points = 30 * torch.randn(400, 21, 3) + torch.tensor([0.0, 0, 600])
    seen = window.seen(points, view, EDGE)
    torch.testing.assert_close(seen.norm(dim=-1), points.norm(dim=-1), atol=1e-2, rtol=1e-4)
    rays = (EDGE / 2 * (window.middle + 1) - view.centre) / view.focal[:, None]
    ahead = window.seen(F.pad(rays, (0, 1), value=1.0)[:, None], view, EDGE)
    torch.testing.assert_close(ahead[..., :2], torch.zeros(400, 1, 2), atol=1e-5, rtol=0)


def test_in_the_middle_of_a_frame_axes_only_turn_with_the_crop():
    window = windows()
    middle = (window.middle + 1) * (EDGE / 2)
    points = 50 * torch.randn(400, 21, 3)
    turned = window.seen(points, View(torch.full((400,), 400.0), middle), EDGE)
    torch.testing.assert_close(turned[..., 2], points[..., 2])
    placed = window.place(points[..., :2], EDGE, SIZE)
    first, other = (each[:, 1:, :2] - each[:, :1, :2] for each in (turned, placed))
    ratio = first.norm(dim=-1) / other.norm(dim=-1)
    torch.testing.assert_close(first, ratio[..., None] * other, atol=1e-2, rtol=1e-3)


@given(x=st.floats(-2000, 3000), y=st.floats(-2000, 3000), focal=st.floats(200, 2000))
def test_crops_of_frames_face_as_those_of_training_pictures(x, y, focal):
    crop = Crop(x, y, 200.0).facing(Intrinsics(focal, focal, 320.0, 240.0))
    slopes = torch.tensor([[(x - 320) / focal, (y - 240) / focal]], dtype=torch.float64)
    torch.testing.assert_close(torch.from_numpy(crop), facing(slopes)[0])
    np.testing.assert_allclose(crop @ crop.T, np.eye(3), atol=1e-9)


def test_what_lies_outside_the_picture_is_empty():
    far = Window(torch.eye(2)[None], torch.tensor([[1.5, 0.0]]))
    cut = far.cut(torch.ones(1, 1, EDGE, EDGE), 40)
    torch.testing.assert_close(cut[..., :8], torch.ones(1, 1, 40, 8))
    assert (cut[..., 12:] == 0).all()


@pytest.mark.parametrize("turn_deg", [10.0, 30.0])
def test_crops_differ_as_they_are_told_to(turn_deg):
    jitter = CropJitter((0.8, 1.2), 0.1, turn_deg, any_way=0.0, astray=0.0)
    window = windows(2000, jitter)
    scale = window.linear.det().sqrt() * MARGIN
    assert 0.8 <= scale.min() < 0.82
    assert 1.18 < scale.max() <= 1.2
    turn = torch.atan2(window.linear[:, 1, 0], window.linear[:, 0, 0])
    assert turn.std().item() == pytest.approx(math.radians(turn_deg), rel=0.1)
    shift = window.middle / window.linear.det().sqrt()[:, None] / 2
    assert 0.095 < shift.abs().max() <= 0.1 + 1e-6


def test_some_are_turned_any_way_and_some_astray():
    window = windows(2000, CropJitter((1, 1), 0.1, 1.0, any_way=0.3, astray=0.2))
    turn = torch.atan2(window.linear[:, 1, 0], window.linear[:, 0, 0]).abs()
    assert (turn > 0.1).float().mean().item() == pytest.approx(0.3, abs=0.05)
    far = (window.middle.abs() / window.linear.det().sqrt()[:, None] / 2 > 0.1 + 1e-6).any(1)
    assert far.float().mean().item() == pytest.approx(0.2 * 0.75, abs=0.04)
