import cv2
import numpy as np
import pytest
from spot import FRAME, SpotNetwork, ToldDetector, detection, picture

from dfmamba.camera import Crop
from dfmamba.frame import Frame
from dfmamba.pipeline import HandEstimator
from dfmamba.pipeline.absence import STAYS_S, Absence
from dfmamba.pipeline.reader import Reading
from dfmamba.pipeline.track import HELD, Track

JOINTS = np.stack([np.linspace(100, 200, 21), np.linspace(80, 160, 21)], axis=-1)
CROP = Crop(150, 120, 160)


@pytest.fixture
def scene():
    """Squares of every grey, sharp."""
    coarse = np.random.default_rng(1).integers(0, 255, (24, 32, 1), np.uint8)
    return np.repeat(np.kron(coarse, np.ones((10, 10, 1), np.uint8)), 3, axis=2)


def reading(joints=JOINTS, present=0.1):
    return Reading(joints, np.zeros((21, 3)), np.full(21, 0.5), present, 1.0)


def lost(image, read, crop=CROP):
    absence, track = Absence(), Track.start(detection(150, 120))
    absence.lose(track, crop, read, image, 0.0)
    return absence.reasons((), 0.0).get("right")


def blurred(image):
    return cv2.GaussianBlur(image, (0, 0), 8)


def dark(image):
    return image // 16


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(lambda image: image, "low score"), (blurred, "blurred"), (dark, "too dark")],
)
def test_a_hand_that_cannot_be_read_is_lost_for_what_the_picture_shows(scene, spoil, reason):
    assert lost(spoil(scene), reading()) == reason


def test_a_hand_is_lost_for_where_and_how_large_it_is(scene):
    outside, small = JOINTS + np.array([200, 0]), 150 + (JOINTS - 150) / 5
    assert lost(scene, reading(outside, present=0.9)) == "out of the picture"
    assert lost(scene, reading(small, present=0.9)) == "too small"


def test_a_hand_not_read_is_judged_by_where_it_was_looked_for(scene):
    assert lost(scene, reading(), Crop(310, 120, 160)) == "out of the picture"
    assert lost(scene, reading(), Crop(150, 120, 50)) == "too small"


def test_a_hand_that_reads_well_is_not_called_lost(scene):
    assert lost(scene, reading(present=0.9)) is None


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(lambda image: image, "none found"), (blurred, "blurred"), (dark, "too dark")],
)
def test_a_search_in_vain_tells_what_the_frame_shows(scene, spoil, reason):
    absence = Absence()
    absence.search(False, spoil(scene))
    assert absence.reasons((), 0.0) == {"left": reason, "right": reason}


def test_an_even_wall_is_not_blurred():
    absence = Absence()
    absence.search(False, np.full((240, 320, 3), 128, np.uint8))
    assert absence.reasons((), 0.0)["left"] == "none found"


def test_nothing_is_said_before_anyone_looked():
    assert Absence().reasons((), 0.0) == {}


def test_with_one_hand_there_the_other_is_none_found(scene):
    absence = Absence()
    absence.search(True, scene)
    assert absence.reasons(["right"], 0.0) == {"left": "none found"}


def test_why_it_was_lost_stands_for_a_while(scene):
    told = ToldDetector(detection(150, 110))
    find = HandEstimator(SpotNetwork(), detector=told)
    find(Frame(picture((150, 110)), 0.0))
    told.seen = []
    for index in range(HELD + 1):
        assert find(Frame(picture(), 0.1 + index / 100)).missing["right"] == "too dark"
    wall = np.full((*FRAME, 3), 128, np.uint8)
    assert find(Frame(wall, 0.2)).missing == {"left": "none found", "right": "too dark"}
    assert find(Frame(wall, 0.2 + STAYS_S)).missing["right"] == "none found"


def test_a_hand_that_is_there_is_not_missing():
    find = HandEstimator(SpotNetwork(), detector=ToldDetector(detection(150, 110)))
    estimate = find(Frame(picture((150, 110)), 0.0))
    assert estimate.missing == {"left": "none found"}
    np.testing.assert_array_equal(estimate.hands[0].raw_px, estimate.hands[0].joints_px)
