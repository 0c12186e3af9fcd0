import numpy as np

from dfmamba.hand import FINGER_COLOURS, TIPS
from dfmamba.pose import HandPose
from dfmamba_live.recording import draw_hands


def hand(joints):
    box = np.concatenate([joints.min(axis=0), joints.max(axis=0)])
    return HandPose("left", 0.9, box, joints, np.zeros((21, 3)), None, np.ones(21))


def test_joints_are_drawn_where_they_are_in_the_colours_of_their_fingers():
    joints = np.random.default_rng(0).uniform(60, 180, (21, 2))
    joints[list(TIPS)] = [(20.5 + 45 * i, 200.5) for i in range(5)]
    image = np.full((240, 240, 3), 96, np.uint8)
    drawn = draw_hands(image, [hand(joints)])
    for x, colour in zip((20, 65, 110, 155, 200), FINGER_COLOURS, strict=True):
        assert drawn[200, x].tolist() == list(colour)
    assert (image == 96).all()


def test_without_hands_the_picture_stays():
    image = np.random.default_rng(0).integers(255, size=(48, 64, 3)).astype(np.uint8)
    drawn = draw_hands(image, [])
    assert (drawn == image).all()
    assert drawn is not image


def test_hands_may_leave_the_picture_and_the_picture_may_be_small():
    joints = np.random.default_rng(0).uniform(-400, 400, (21, 2))
    drawn = draw_hands(np.zeros((30, 20, 3), np.uint8), [hand(joints)])
    assert drawn.shape == (30, 20, 3)
    assert drawn.any()  # its label at least, moved in
