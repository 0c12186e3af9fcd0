import cv2
import numpy as np

from dfmamba.data.consensus import VIEWS, checked_hands
from dfmamba.data.labels import Labels
from dfmamba.pipeline.landmarker import SeenHand

HAND = np.random.default_rng(0).uniform(40, 100, (21, 2))
WIDTH, HEIGHT = 200, 140


def marked(hand=HAND):
    """A picture with a dot of its own brightness at each joint."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for number, (x, y) in enumerate(hand, start=1):
        cv2.circle(picture, (round(x), round(y)), 3, (10 * number, 0, 0), -1)
    return picture


def dots(picture):
    """The middles of the dots (21, 2), pixels."""
    red = picture[..., 0].astype(int)
    spots = [np.nonzero(np.abs(red - 10 * number) <= 2) for number in range(1, 22)]
    return np.array([(np.median(x) + 0.5, np.median(y) + 0.5) for y, x in spots])


def reader(error=0.0, sides=("right", "left", "right", "right"), blind=()):
    """A teacher that reads the dots of the four views in turn.

    error: how far to the right it is off in all but the first. sides: what it tells of each view.
    blind: the views in which it sees nothing.
    """
    looks = []

    def teacher(picture):
        view = len(looks)
        looks.append(picture.shape)
        if view in blind:
            return []
        joints = dots(picture) + np.array([error * (view > 0), 0.0])
        return [SeenHand(sides[view], 0.9, joints, np.zeros((21, 3)))]

    teacher.looks = looks
    return teacher


def test_views_that_agree_give_a_label_to_believe():
    (found,) = checked_hands(marked(), reader())
    assert found.views == VIEWS
    assert found.unanimous
    assert found.spread < 0.03
    assert np.abs(found.hand.joints_px - HAND).mean() < 1.5
    assert Labels.empty().add("a.png", [found]).agreed.tolist() == [True]


def spots(picture):
    """A teacher whose hands lie between a red and a green spot, told to a part of a pixel."""
    light = picture[..., :2].astype(float)
    rows, columns = (np.indices(light.shape[:2]) + 0.5)[..., None]
    ends = [(light * places).sum((0, 1)) / light.sum((0, 1)) for places in (columns, rows)]
    joints = np.linspace(*np.transpose(ends), 21)
    return [SeenHand("right", 0.9, joints, np.zeros((21, 3)))]


def test_every_view_tells_the_same_place_to_a_tenth_of_a_pixel():
    ends = np.array([[60.3, 50.1], [120.8, 90.6]])
    rows, columns = np.indices((HEIGHT, WIDTH)) + 0.5
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for channel, (x, y) in enumerate(ends):
        far = (columns - x) ** 2 + (rows - y) ** 2
        picture[..., channel] = 250 * np.exp(-far / 40)
    (found,) = checked_hands(picture, spots)
    assert found.views == VIEWS
    assert np.abs(found.hand.joints_px[[0, -1]] - ends).max() < 0.1
    assert found.spread * np.ptp(ends, axis=0).max() < 0.1


def test_turned_views_hold_the_whole_picture():
    teacher = reader()
    checked_hands(marked(), teacher)
    assert teacher.looks[0] == teacher.looks[1] == (HEIGHT, WIDTH, 3)
    assert all(height > HEIGHT and width > WIDTH for height, width, _ in teacher.looks[2:])


def test_hands_at_the_pictures_edge_are_found_in_all_views():
    corner = HAND - HAND.max(0) + np.array([WIDTH - 5, HEIGHT - 5])
    (found,) = checked_hands(marked(corner), reader())
    assert found.views == VIEWS
    assert np.abs(found.hand.joints_px - corner).mean() < 1.5


def test_views_that_disagree_show():
    (found,) = checked_hands(marked(), reader(error=8.0))
    assert found.spread > 0.04
    (found,) = checked_hands(marked(), reader(sides=("right", "left", "left", "right")))
    assert not found.unanimous
    assert not Labels.empty().add("a.png", [found]).agreed.any()


def test_the_side_is_the_one_that_most_views_tell():
    (found,) = checked_hands(marked(), reader(sides=("left", "left", "right", "right")))
    assert found.hand.side == "right"
    assert not found.unanimous


def test_a_view_that_sees_nothing_leaves_the_others():
    (found,) = checked_hands(marked(), reader(blind=(2,)))
    assert found.views == VIEWS - 1
    assert found.spread < 0.03
    assert np.abs(found.hand.joints_px - HAND).mean() < 1.5


def test_a_hand_that_the_other_views_miss_is_not_agreed_upon():
    (found,) = checked_hands(marked(), reader(blind=(1, 2, 3)))
    assert found.views == 1
    assert not Labels.empty().add("a.png", [found]).agreed.any()


def test_another_hand_is_not_taken_for_the_same():
    (found,) = checked_hands(marked(), reader(error=90.0))
    assert found.views == 1
    assert np.abs(found.hand.joints_px - HAND).mean() < 1.5


def test_no_hand_needs_no_second_look():
    teacher = reader(blind=(0,))
    assert checked_hands(marked(), teacher) == []
    assert len(teacher.looks) == 1
