import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dfmamba_live.review import Overview
from dfmamba_live.views.hand_rows import columns, draw_rows


def overview(sure, seen=None, settled=None):
    sure = np.array([sure, [np.nan] * len(sure)], np.float32)
    every = np.ones(sure.shape[1], bool)
    return Overview(sure, every if seen is None else seen, every if settled is None else settled)


@given(st.lists(st.sampled_from([0.1, 0.9, np.nan]), min_size=1, max_size=60), st.integers(1, 90))
def test_no_unsure_frame_is_lost_however_narrow_the_overview(sure, width):
    least, *_ = columns(overview(sure), width)
    assert least.shape == (2, width)
    assert (0.1 in sure) == bool((least[0] < 0.5).any())
    assert np.isnan(sure).all() == np.isnan(least[0]).all()


def test_a_column_is_settled_once_all_its_frames_are():
    settled = np.array([True, True, True, False])
    _, seen, told = columns(overview([0.9] * 4, np.array([True] + [False] * 3), settled), 2)
    assert told.tolist() == [1, 0]
    assert seen.tolist() == [1, 0]


def test_a_bar_is_as_high_as_the_network_is_sure():
    image = draw_rows(overview([1.0, 0.5, 0.0, np.nan]), 4, 40)
    heights = [sum(image.pixelColor(x, y).alpha() > 100 for y in range(20)) for x in range(4)]
    assert heights[0] == 20
    assert heights[1] == 10
    assert 1 <= heights[2] <= 3
    assert heights[3] == 0


def test_what_is_not_settled_is_pale():
    image = draw_rows(overview([0.9, 0.9], settled=np.array([True, False])), 2, 40)
    assert image.pixelColor(0, 15).alpha() == 255
    assert image.pixelColor(1, 15).alpha() < 150
