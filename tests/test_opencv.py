import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.opencv import SHIFT, opencv_matrix, opencv_points


def middle(picture):
    rows, columns = np.indices(picture.shape) + 0.5
    light = picture.astype(float)
    return np.array([(light * columns).sum(), (light * rows).sum()]) / light.sum()


@given(st.floats(12, 52), st.floats(12, 36))
def test_what_is_drawn_at_a_place_lies_there(x, y):
    picture = np.zeros((48, 64), np.uint8)
    (at,) = opencv_points(np.array([[x, y]]))
    cv2.circle(picture, at, 6 << SHIFT, 255, -1, cv2.LINE_AA, SHIFT)
    assert np.abs(middle(picture) - [x, y]).max() < 0.1


@given(st.floats(-1, 1), st.floats(0.7, 1.5))
def test_a_picture_moves_as_its_points_do(turn, scale):
    c, s = scale * np.cos(turn), scale * np.sin(turn)
    matrix = np.array([[c, -s, 40 - 32 * c + 24 * s], [s, c, 40 - 32 * s - 24 * c]])
    rows, columns = np.indices((48, 64)) + 0.5
    picture = 250 * np.exp(-((columns - 34.3) ** 2 + (rows - 22.1) ** 2) / 30)
    moved = cv2.warpAffine(picture, opencv_matrix(matrix), (80, 80))
    expected = matrix @ [34.3, 22.1, 1]
    assert np.abs(middle(moved) - expected).max() < 0.1
