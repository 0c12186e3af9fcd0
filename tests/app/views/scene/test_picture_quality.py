import pytest
from scene_parts import HEIGHT, WIDTH, make_view

from dfmamba_live.views.scene.orbit import Orbit
from dfmamba_live.views.scene.quality import SCALES, Quality


def quality_of(seconds, pause=0.033):
    """After twenty views, `pause` seconds apart, whose pictures took `seconds` each."""
    quality = Quality()
    for count in range(20):
        quality.wanted(count * pause)
        quality.learn(make_view(Orbit(), scale=1.0), seconds)
    return quality


@pytest.mark.parametrize(("seconds", "scale"), [(0.0002, SCALES[0]), (3.0, 1.0)])
def test_quality_goes_by_the_time_that_pictures_take(seconds, scale):
    assert quality_of(seconds).scale(WIDTH, HEIGHT) == scale


def test_views_that_come_seldom_are_drawn_finer():
    often, seldom = (quality_of(0.015, pause).scale(WIDTH, HEIGHT) for pause in (0.033, 0.07))
    assert seldom > often


def test_at_rest_it_takes_longer_but_not_too_long():
    quick, slow = quality_of(0.01), quality_of(1.0)
    assert quick.at_rest(WIDTH, HEIGHT) == SCALES[0] > quick.scale(WIDTH, HEIGHT)
    assert slow.at_rest(1000, 800) == 1.0 > slow.scale(1000, 800)


def test_one_slow_picture_changes_nothing():
    quality = quality_of(0.001)
    before = quality.scale(WIDTH, HEIGHT)
    quality.learn(make_view(Orbit(), scale=1.0), 1.0)
    assert quality.scale(WIDTH, HEIGHT) == before


def test_a_larger_picture_is_drawn_no_finer():
    quality = quality_of(0.005)
    scales = [quality.scale(size * WIDTH, size * HEIGHT) for size in (1, 2, 4, 8)]
    assert scales == sorted(scales, reverse=True)
    assert scales[0] > scales[-1]


def test_only_large_pictures_are_drawn_coarsely():
    slow = quality_of(3.0)
    assert [slow.scale(*size) for size in ((320, 240), (640, 480), (1600, 1200))] == [1, 1, 0.5]
