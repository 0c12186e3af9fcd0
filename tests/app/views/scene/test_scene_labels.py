import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QSize
from scene_parts import make_pose

from dfmamba.hand import JOINT_COUNT
from dfmamba_live.views.scene import orbit
from dfmamba_live.views.scene.hands import joints_of
from dfmamba_live.views.scene.labels import REACH_PX, joint_under

SIZE = QSize(640, 480)
HANDS = (0.0, 0.0, 500.0), 100.0


def place(hand, joint, seen):
    (found,), _ = seen.project(joints_of(hand)[[joint]], 640, 480)
    return found


@pytest.mark.parametrize("joint", range(JOINT_COUNT))
def test_each_joint_is_found_under_the_pointer(joint):
    hand, seen = make_pose(), orbit.front(*HANDS)
    found = joint_under([hand], seen, SIZE, QPointF(*place(hand, joint, seen)))
    assert found.hand is hand
    assert found.joint == joint


def test_the_joint_in_front_hides_the_one_behind():
    far, near = make_pose("left", (0.0, 60.0, 600.0)), make_pose("right", (0.0, 60.0, 450.0))
    seen = orbit.front(*HANDS)
    wrist_of_far = place(far, 0, seen)
    over = make_pose("right", tuple(joints_of(far)[0] * 0.5 + [0, 0, 100]))
    pointer = QPointF(*place(over, 0, seen))
    for hands in ([far, over], [over, far]):
        assert joint_under(hands, seen, SIZE, pointer).hand is over
    assert joint_under([far, near], seen, SIZE, QPointF(*wrist_of_far)).hand is far


@given(angle=st.floats(0, 6.28))
def test_beside_a_joint_there_is_none(angle):
    hand, seen = make_pose(), orbit.front(*HANDS)
    wrist = place(hand, 0, seen)
    # Downwards there are no other joints.
    away = np.array([np.cos(angle), abs(np.sin(angle))]) * 3 * REACH_PX
    assert joint_under([hand], seen, SIZE, QPointF(*(wrist + away))) is None


def test_what_is_behind_the_viewer_is_not_under_the_pointer():
    behind = make_pose(wrist=(0.0, 0.0, -300.0))
    assert joint_under([behind], orbit.front(*HANDS), SIZE, QPointF(320, 240)) is None
