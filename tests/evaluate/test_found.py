import cv2
import numpy as np
import pytest

from dfmamba.data.real_hands import MarkedHand, MarkedPicture, kept_from_training, marked_pictures
from dfmamba.errors import UserError
from dfmamba.evaluate.found import Seen, found_figures


def marked(file, *hands, crop=None):
    made = [MarkedHand(np.array(box, float), side, kind) for box, side, kind in hands]
    return MarkedPicture(file, None, "figure", file, crop, tuple(made))


@pytest.fixture
def real(tmp_path):
    for name, level in (("two.png", 10), ("one.png", 20), ("none.png", 30)):
        picture = np.full((50, 100, 3), level, np.uint8)
        cv2.imwrite(str(tmp_path / name), picture)
    return tmp_path


def test_hands_are_counted_once_and_what_lies_on_none_is_a_ghost(real):
    pictures = [
        marked(
            "two.png", ((0, 0, 20, 20), "left", "touching"), ((22, 0, 42, 20), "right", "touching")
        ),
        marked("one.png", ((50, 10, 80, 40), None, "apart")),
        marked("none.png"),
    ]
    seen = {
        10: [Seen(np.array([1.0, 1, 20, 20]), "left"), Seen(np.array([0.0, 0, 19, 19]), "right")],
        20: [Seen(np.array([52.0, 12, 80, 40]), "right")],
        30: [Seen(np.array([52.0, 12, 80, 40]), "right")],
    }
    found = found_figures(lambda picture: seen[int(picture[0, 0, 0])], pictures, real)
    assert found.kinds["touching"].hands == 2
    assert found.kinds["touching"].seen == 1
    assert found.kinds["touching"].right == 0.5
    assert found.kinds["apart"].recall == 1
    assert found.kinds["apart"].sided == 0  # nobody knows which hand it is
    assert np.isnan(found.kinds["overlapping"].recall)
    assert found.kinds["all"].hands == 3
    assert (found.shown, found.ghosts) == (4, 2)
    assert found.precision == 0.5
    assert (found.pictures_without, found.ghost_pictures) == (1, 1)


def test_the_best_overlap_decides_and_the_side_counts(real):
    picture = marked("one.png", ((0, 0, 20, 20), "left", "apart"))
    boxes = [Seen(np.array([0.0, 0, 30, 30]), "right"), Seen(np.array([0.0, 0, 20, 20]), "left")]
    found = found_figures(lambda _: boxes, [picture], real)
    assert found.kinds["all"].right == 1
    assert found.ghosts == 1


def test_a_part_of_a_picture_alone_is_looked_at(real):
    shapes = []
    picture = marked("none.png", crop=(10, 5, 40, 25))
    found_figures(lambda part: shapes.append(part.shape) or [], [picture], real)
    assert shapes == [(20, 30, 3)]


def test_a_picture_that_is_missing(tmp_path):
    with pytest.raises(UserError, match="is missing"):
        marked("gone.png").read(tmp_path)


def test_the_marked_pictures_are_whole():
    pictures = marked_pictures()
    assert len(marked_pictures("choose")) + len(marked_pictures("figure")) == len(pictures)
    halves = {}
    for each in pictures:
        assert halves.setdefault(each.scene, each.half) == each.half
        folder, _, name = each.file.partition("/")
        assert kept_from_training(folder, name)
        for hand in each.hands:
            assert (hand.box_px[2:] > hand.box_px[:2]).all()
    assert not kept_from_training("letters", "A1.jpg")
