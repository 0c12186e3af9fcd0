import cv2
import numpy as np
import pytest
from depth_hand import HEIGHT, PIXELS, WIDTH, a_hand, on_skin, slope

from dfmamba.evaluate import depth
from dfmamba.evaluate.depth import (
    CAMERA,
    LAMPS,
    LEAST_JOINTS,
    UNIT_MM,
    depth_crops,
    depth_hands,
    distance,
    nearest,
    read_depth,
    shaded,
    skin_distances,
    skin_points,
)
from dfmamba.evaluate.predict import Prediction


def test_depth_is_read_in_millimetres(tmp_path):
    units = np.full((4, 6), 3200, np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), units)
    assert (read_depth(tmp_path / "a.png") == 3200 * UNIT_MM).all()


def test_the_largest_near_thing_is_the_hand():
    room = np.full((60, 80), 900, np.float32)
    room[10:40, 10:30] = 420  # a hand
    room[10:16, 60:66] = 400  # something small
    room[50:] = 0  # not known
    expected = np.zeros_like(room, bool)
    expected[10:40, 10:30] = True
    assert (nearest(room) == expected).all()
    assert not nearest(np.zeros((9, 9), np.float32)).any()


@pytest.mark.parametrize("way", [way for way, lamp in enumerate(LAMPS) if lamp[0]])
def test_skin_that_faces_the_lamp_is_brighter(way):
    across = np.abs(np.arange(WIDTH) - WIDTH / 2)
    ridge = np.tile((400 + 0.3 * across).astype(np.float32), (HEIGHT, 1))
    picture = shaded(ridge, np.ones_like(ridge, bool), way).astype(float)
    left, right = picture[:, :300].mean(), picture[:, 340:].mean()
    bright, dark = (left, right) if LAMPS[way][0] < 0 else (right, left)
    assert bright > 1.02 * dark


def test_around_the_hand_is_the_room():
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[:, :320] = True
    first, second = (shaded(slope() + near, mask, 0) for near in (0, slope()))
    assert (first[:, 330:] == second[:, 330:]).all()
    assert (first[:, :310] != second[:, :310]).any()


@pytest.mark.parametrize("side", ["left", "right"])
def test_skin_is_told_as_the_network_sees_the_hand(side):
    hand = a_hand(side)
    points = skin_points(hand, PIXELS)
    mirror = [-1.0 if side == "left" else 1.0, 1.0, 1.0]
    expected = on_skin(PIXELS, hand.depth) @ hand.crop.facing(CAMERA).T * mirror
    np.testing.assert_allclose(points, expected, atol=1.0)


def test_off_the_hand_no_skin_is_known():
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[:, :300] = True
    hand = a_hand(mask=mask)
    known = ~np.isnan(skin_points(hand, PIXELS)[:, 2])
    assert known[PIXELS[:, 0] < 297].all()
    assert not known[PIXELS[:, 0] > 303].any()
    assert np.isnan(skin_points(a_hand(mask=np.zeros_like(mask)), PIXELS)).all()


def test_what_lies_far_behind_the_hand_is_not_its_skin():
    hand = a_hand()
    hand.depth[:, :250] += 200
    known = ~np.isnan(skin_points(hand, PIXELS)[:, 2])
    assert not known[PIXELS[:, 0] < 247].any()
    assert known[PIXELS[:, 0] > 253].all()


def test_the_distance_owes_nothing_to_place_and_scale_and_pa_nothing_to_turns():
    skin = np.random.default_rng(1).normal(0, 40, (21, 3))
    assert distance(3 * skin + 50, skin) == pytest.approx((0, 0), abs=1e-6)
    turned = skin @ np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    scaled, pa = distance(turned, skin)
    assert scaled > 10
    assert pa == pytest.approx(0, abs=1e-6)
    skin[LEAST_JOINTS - 1 :] = np.nan
    assert np.isnan(distance(skin, skin)).all()


@pytest.mark.parametrize("side", ["left", "right"])
def test_joints_on_the_skin_are_at_nothing_and_others_are_not(side):
    hands = [a_hand(side), a_hand(side, mask=np.zeros((HEIGHT, WIDTH), bool))]
    crops = depth_crops(hands, 64)
    random = np.random.default_rng(2).normal(0, 1, (2, 21, 3))
    none = np.zeros((2, 21))
    found = Prediction(crops.joints_px, random, none, none, none[:, 0], none[:, 0])
    told = skin_distances(hands, crops, found)
    assert told["MediaPipe"].hands == told["network"].hands == 1  # the other one has no skin
    if side == "right":
        assert told["MediaPipe"].best_scaled_mm < 1.0
    assert told["MediaPipe"].pa_mm < 1.0 < 10 < told["network"].pa_mm
    assert skin_distances(hands[1:], crops, found) == {}


class OnceAndTwice:
    """MediaPipe's place: finds a hand under one lamp in the first picture, under all after it."""

    def __init__(self, **_options):
        self.looked = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def __call__(self, _picture):
        self.looked += 1
        return [a_hand().seen] if self.looked == 1 or self.looked > len(LAMPS) else []


def test_what_is_found_under_a_single_lamp_is_left_out(monkeypatch, tmp_path):
    for name in ("a", "b"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), (slope() / UNIT_MM).astype(np.uint16))
    monkeypatch.setattr(depth, "Landmarker", OnceAndTwice)
    assert [hand.name for hand in depth_hands(tmp_path)] == [f"{tmp_path.name}/b.png"] * len(LAMPS)
