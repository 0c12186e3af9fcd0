import numpy as np
import pytest

from dfmamba_live.result import Difference, HandDifference
from dfmamba_live.views.difference import DifferenceView


def difference(mm, mean, frames=3):
    hand = HandDifference("left", np.zeros((21, 2)), np.full(21, mm), np.full(21, mm / 2))
    return Difference((hand,), hand.mm, hand.px, np.full(21, mean), np.full(21, 1.0), frames)


@pytest.fixture
def view(qtbot):
    widget = DifferenceView()
    qtbot.addWidget(widget)
    widget.resize(320, 430)
    return widget


def test_it_tells_this_frame_and_the_mean(view):
    assert view.lines() == ("this frame: no hand compared", "")
    view.show_difference(difference(4.0, 5.0))
    assert view.lines() == ("this frame: 4.0 mm, 2.0 px", "mean of 3 frames seen: 5.0 mm, 1.0 px")


def test_longer_bars_for_joints_further_apart(view):
    def coloured(found):
        view.show_difference(found)
        image = view.grab().toImage()
        row = 62 + 17 + 8  # the thumb's first joint
        return sum(image.pixelColor(x, row).getRgb()[:3] == (240, 90, 80) for x in range(320))

    assert coloured(difference(2.0, 1.0)) < coloured(difference(6.0, 1.0))
