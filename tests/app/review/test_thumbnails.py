import numpy as np
import pytest
from fake_clip import FakeClip

from dfmamba_live.review.cache import Cache
from dfmamba_live.review.thumbnails import COARSE, Thumbnailer, Thumbnails


def test_a_few_over_the_whole_clip_come_first_and_then_every_frame_once():
    order = list(Thumbnails(300).order((90, 160, 3)))
    assert sorted(order) == list(range(300))
    first = order[:COARSE]
    assert (first[0], first[-1]) == (0, 299)
    assert max(np.diff(first)) <= 14


@pytest.mark.parametrize("frames", [1, 2, 10_000])
def test_their_bytes_are_bounded(frames):
    limit = 200 * 160 * 90 * 3
    thumbnails = Thumbnails(frames, edge=160, limit=limit)
    order = list(thumbnails.order((1080, 1920, 3)))
    assert len(order) == len(set(order))
    assert (len(order) - COARSE) * 160 * 90 * 3 <= limit


def test_the_nearest_one_stands_in():
    thumbnails = Thumbnails(100)
    assert thumbnails.nearest(3) is None
    for index in (80, 10):
        thumbnails.add(index, np.full((480, 640, 3), index, np.uint8))
    picture = thumbnails.nearest(30)
    assert picture.shape == (120, 160, 3)
    assert [thumbnails.nearest(i)[0, 0, 0] for i in (0, 30, 50, 99)] == [10, 10, 80, 80]


def make(frames, broken, made=lambda: None):
    clip = FakeClip(range(frames), broken=broken)
    cache = Cache(1 << 20, lambda frame: frame.image.nbytes)
    thumbnailer = Thumbnailer(clip.open, frames, cache, made)
    thumbnailer.run()
    return thumbnailer.thumbnails


def test_frames_that_cannot_be_read_stop_nothing():
    thumbnails = make(8, broken=(0, 1, 2, 5))
    assert len(thumbnails) == 4
    assert thumbnails.nearest(0)[0, 0, 0] == 3


def test_a_clip_without_a_frame_has_no_thumbnails():
    thumbnails = make(3, broken=(0, 1, 2), made=lambda: pytest.fail("none can be made"))
    assert len(thumbnails) == 0
