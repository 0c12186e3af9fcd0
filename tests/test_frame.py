import numpy as np
import pytest

from dfmamba.camera import Intrinsics
from dfmamba.frame import Depth, Frame

PICTURE = np.zeros((48, 64, 3), np.uint8)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((48, 64), np.uint8),
        np.zeros((48, 64, 4), np.uint8),
        np.zeros((48, 64, 3), np.float32),
        np.zeros((0, 64, 3), np.uint8),
    ],
    ids=["grey", "with alpha", "float", "empty"],
)
def test_pictures_of_another_kind_are_refused(picture):
    with pytest.raises(ValueError, match=r"a frame is \(H, W, 3\) uint8, RGB, not \("):
        Frame(picture)


@pytest.mark.parametrize(("shape", "kind"), [((48, 64), np.float32), ((48, 64, 1), np.uint16)])
def test_depth_of_another_kind_is_refused(shape, kind):
    with pytest.raises(ValueError, match=r"depth is \(H, W\) uint16, not \("):
        Depth(np.zeros(shape, kind))


@pytest.mark.parametrize("unit_mm", [0.0, -1.0, np.nan, np.inf])
def test_a_unit_that_makes_no_sense_is_refused(unit_mm):
    with pytest.raises(ValueError, match="unit of depth"):
        Depth(np.zeros((4, 4), np.uint16), unit_mm)


def test_depth_belongs_to_the_pixels_of_its_image():
    with pytest.raises(ValueError, match="of one size"):
        Frame(PICTURE, depth=Depth(np.zeros((24, 32), np.uint16)))
    depth = Depth(np.full((48, 64), 4001, np.uint16), 0.25)
    mm = Frame(PICTURE, depth=depth).depth.mm
    assert mm.dtype == np.float32
    assert (mm == 1000.25).all()


def test_a_camera_that_tells_nothing_is_assumed():
    assert Frame(PICTURE).intrinsics(90) == Intrinsics.assumed(64, 48, 90)
    camera = Intrinsics(50, 50, 30, 20)
    assert Frame(PICTURE, camera=camera).intrinsics(90) is camera
