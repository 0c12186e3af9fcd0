"""The Triton z-buffer against the one in torch; on the CPU in Triton's interpreter."""

import pytest
import torch

from dfmamba.synth.raster import reference
from dfmamba.synth.raster.keys import EMPTY

pytest.importorskip("triton")
from dfmamba.synth.raster import triton_raster

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

# Triton's interpreter warns about numpy's own changes.
pytestmark = pytest.mark.filterwarnings("ignore")


def meshes(count, vertices, faces, size):
    make = torch.Generator().manual_seed(0)
    points = (torch.rand(count, vertices, 2, generator=make) * 1.6 - 0.3) * size
    nearness = torch.rand(count, vertices, generator=make) + 0.1
    nearness[:, 0] = 0  # too near
    triangles = torch.randint(vertices, (faces, 3), generator=make)
    triangles[0] = 3  # flat
    return points, nearness, torch.arange(count) // 2, triangles


def check(count, vertices, faces, size):
    told = meshes(count, vertices, faces, size)
    expected = reference.zbuffer(*told, count, size)
    found = triton_raster.zbuffer(*(part.to(DEVICE) for part in told), count, size).cpu()
    assert ((found == EMPTY) == (expected == EMPTY)).float().mean() > 0.999
    covered = (found != EMPTY) & (expected != EMPTY)
    assert covered.float().mean() > 0.2
    same = (found & 0xFFFFFFFF) == (expected & 0xFFFFFFFF)
    assert same[covered].float().mean() > 0.995
    both = covered & same
    near = [(keys[both] >> 32).int().view(torch.float32) for keys in (found, expected)]
    torch.testing.assert_close(*near, atol=1e-4, rtol=1e-3)
    assert (found.view(count, -1)[(count + 1) // 2 :] == EMPTY).all()


def test_the_same_surfaces_are_seen():
    check(count=3, vertices=9, faces=14, size=12)


@pytest.mark.gpu
def test_the_same_surfaces_are_seen_at_full_size():
    check(count=4, vertices=900, faces=120, size=256)
