import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.pipeline import detect
from dfmamba.pipeline.detect import LOOK_SIZE, LandmarkDetector, crop_of
from dfmamba.pipeline.landmarker import SeenHand

CORNERS = np.array([[0.1, 0.2], [0.6, 0.8]])


class FakeLandmarker:
    """Sees a left hand at fixed shares of the picture."""

    def __init__(self, _max_hands):
        self.seen = None

    def __call__(self, image):
        self.seen = image.shape
        return [SeenHand("left", 0.8, CORNERS * image.shape[1::-1], np.zeros((21, 3)))]

    def close(self):
        self.seen = None


@given(st.integers(1, 1500), st.integers(1, 1500))
def test_large_frames_are_reduced_and_joints_are_in_frame_pixels(width, height):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detect, "Landmarker", FakeLandmarker)
        find = LandmarkDetector()
        (hand,) = find(np.zeros((height, width, 3), np.uint8))
    np.testing.assert_allclose(hand.joints_px, CORNERS * [width, height])
    assert max(find._landmarker.seen) <= max(LOOK_SIZE, 3)
    assert min(find._landmarker.seen) >= 1
    assert hand.crop == crop_of(hand.joints_px, "left")
    assert hand.crop.mirrored


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("size", [(120, 160), (1, 1), (1, 900), (900, 1), (2, 3)])
def test_no_hand_in_plain_pictures_of_any_size(size, detector):
    assert detector(np.full((*size, 3), 90, np.uint8)) == []


@pytest.fixture(scope="module")
def detector():
    find = LandmarkDetector()
    yield find
    find.close()
