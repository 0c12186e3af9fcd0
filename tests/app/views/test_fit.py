import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from dfmamba_live.views.fit import Fit

sizes = st.floats(1, 2000)
places = st.floats(-500, 500)
rectangles = st.builds(QRectF, places, places, sizes, sizes)
fits = st.builds(Fit, rectangles, rectangles, st.booleans())
points = st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)).map(np.array)


@given(fits, points)
def test_there_and_back(fit, point):
    back = fit.to_frame(fit.to_widget(point))
    np.testing.assert_allclose(back, point, atol=1e-6 * max(1, 1 / fit.scale))


@given(fits)
def test_the_region_fills_its_target_inside_the_bounds(fit):
    region, target = fit.region, fit.target
    corners = np.array([[region.left(), region.top()], [region.right(), region.bottom()]])
    (left, right), (top, bottom) = np.sort(fit.to_widget(corners), axis=0).T
    wanted = [target.left(), target.right(), target.top(), target.bottom()]
    np.testing.assert_allclose([left, right, top, bottom], wanted, atol=1e-6)
    slack = fit.bounds.adjusted(-1e-6, -1e-6, 1e-6, 1e-6)
    assert slack.contains(target)


@given(rectangles, rectangles, points)
def test_a_mirror_turns_x_alone(region, bounds, point):
    plain, mirrored = (Fit(region, bounds, each).to_widget(point) for each in (False, True))
    np.testing.assert_allclose(plain[0] + mirrored[0], 2 * bounds.center().x(), atol=1e-6)
    assert plain[1] == mirrored[1]
