import numpy as np

from dfmamba.data.consensus import VIEWS, CheckedHand
from dfmamba.data.labels import Labels
from dfmamba.data.splits import VALIDATION_EVERY, split_of, validation
from dfmamba.pipeline.landmarker import SeenHand


def test_recordings_stay_whole():
    names = ["2_pic00001.jpg", "996_pic00001.jpg", "996_pic00131.jpg", "pic00004.jpg"]
    names += ["3_1528499009.07_pic00012.jpg", "Hand_0000002.jpg", "35_pic00001.jpg"]
    assert validation(names, "photos").tolist() == [False, True, True, False, False, True, True]


def test_a_person_is_never_in_both_halves():
    people = [[(10 * person + digit, digit) for digit in range(10)] for person in range(30)]
    people[4] = [(40, 0), (41, 2), (42, 1), *people[4][3:]]  # shown out of order
    shots = [shot for person in people for shot in person]
    order = np.random.default_rng(0).permutation(len(shots))
    kept = validation(
        [f"{shots[row][1]}-IMG_{shots[row][0] + 1000}.JPG" for row in order], "digits"
    )
    owner = np.array([shots[row][0] // 10 for row in order])
    shares = [kept[owner == person].mean() for person in range(30)]
    assert set(shares) == {0.0, 1.0}
    assert sum(shares) == 30 / VALIDATION_EVERY


def test_hands_go_where_their_pictures_go():
    """Of two people no hand was found in any picture, of the others in most."""
    names = [f"{digit}-IMG_{1000 + 10 * person + digit}.JPG" for person in range(12)
             for digit in range(10)]  # fmt: skip
    seen = SeenHand("right", 0.9, np.zeros((21, 2)), np.zeros((21, 3)))
    labels = Labels.empty()
    for row, name in enumerate(names):
        found = row // 10 not in (2, 7) and row % 3
        labels = labels.add(name, [CheckedHand(seen, VIEWS, 0.01, True)] * int(bool(found)))
    halves = [split_of(labels, "digits", split) for split in ("training", "validation")]
    assert sum(len(half) for half in halves) == len(labels)
    for half in halves:
        assert set(half.files) == set(half.pictures) & set(labels.files)
        assert len(half)
    assert sorted(np.concatenate([half.pictures for half in halves])) == sorted(names)


def test_no_pictures():
    assert len(validation([], "photos")) == 0
