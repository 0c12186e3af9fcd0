import numpy as np
import pytest
import torch

from dfmamba.errors import UserError
from dfmamba.finder.decode import Found
from dfmamba.finder.network import UNLIKELY, FinderConfig, FinderMaps, FinderNetwork
from dfmamba.finder.weights import load_finder, save_finder
from dfmamba.pipeline.finder import FinderDetector, rough_joints

SMALL = FinderConfig(widths=(16, 16, 16, 16), depths=(1, 1, 1, 1))


def found_hand(direction=(0.0, -1.0), right=0.9):
    return Found(
        score=np.array([0.8]),
        palm=np.array([[60.0, 70]]),
        box=np.array([[40.0, 40, 90, 100]]),
        direction=np.array([direction]),
        right=np.array([right]),
    )


def test_rough_joints_fill_the_box_and_point_as_the_hand_does():
    for direction in ((0.0, -1.0), (1.0, 0.0), (-0.6, 0.8)):
        found = found_hand(direction)
        (joints,) = rough_joints(found)
        np.testing.assert_allclose([*joints.min(0), *joints.max(0)], found.box[0])
        assert (joints[9] - joints[0]) @ direction > 0


def test_a_left_hand_is_the_mirror_image():
    """Seen from their palms, fingers up, a right hand's thumb is on the right."""
    (right,), (left,) = (rough_joints(found_hand(right=p)) for p in (0.9, 0.1))
    assert right[4, 0] > right[0, 0]
    assert left[4, 0] < left[0, 0]


class Knowing:
    """In place of the network: one hand in the cell (2, 3), whatever the frame shows."""

    def __init__(self):
        self.frames = []

    def __call__(self, frames):
        self.frames.append(frames)
        height, width = frames.shape[2] // 8, frames.shape[3] // 8
        centre = torch.full((1, height, width), UNLIKELY)
        centre[0, 2, 3] = 4.0
        direction = torch.zeros(1, 2, height, width)
        direction[:, 1] = -2
        return FinderMaps(
            centre,
            torch.zeros(1, 2, height, width),
            torch.full((1, 4, height, width), 10.0),
            direction,
            torch.full((1, height, width), -3.0),
        )


@pytest.mark.parametrize(("size", "scale"), [((180, 320), 1), ((360, 640), 2), ((640, 360), 2)])
def test_frames_of_any_shape_are_looked_at_whole(size, scale):
    detector = FinderDetector(FinderNetwork(SMALL))
    detector._look._finder = knowing = Knowing()
    (detection,) = detector.detections(np.zeros((*size, 3), np.uint8))
    height, width = knowing.frames[0].shape[2:]
    assert height % 32 == width % 32 == 0
    assert height * scale >= size[0]
    assert width * scale >= size[1]
    assert detection.side == "left"
    assert detection.crop.mirrored
    assert 0.5 <= detection.score <= 1
    assert detection.crop.x == pytest.approx(28 * scale)
    assert detection.crop.y == pytest.approx(20 * scale)
    assert detection.crop.side == pytest.approx(20 * 1.5 * scale)
    assert detection.joints_px.shape == (21, 2)


def test_weights_are_kept_as_halves(tmp_path):
    torch.manual_seed(0)
    network = FinderNetwork(SMALL).eval()
    save_finder(network, tmp_path / "finder.safetensors")
    again = load_finder(tmp_path / "finder.safetensors")
    assert again.config == SMALL
    frames = torch.rand(1, 3, 64, 64)
    for one, other in zip(network(frames), again(frames), strict=True):
        torch.testing.assert_close(one, other, rtol=2e-2, atol=2e-2)
    FinderDetector(tmp_path / "finder.safetensors")(np.zeros((90, 120, 3), np.uint8))


def test_what_is_no_finder_is_told(tmp_path):
    with pytest.raises(UserError, match="no weights file"):
        load_finder(tmp_path / "none.safetensors")
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing")
    with pytest.raises(UserError, match="damaged"):
        load_finder(broken)
    network = FinderNetwork(SMALL)
    torch.nn.init.constant_(network.out.bias, float("nan"))
    save_finder(network, broken)
    with pytest.raises(UserError, match="not all of its values are finite"):
        load_finder(broken)
