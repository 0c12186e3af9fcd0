import logging
import struct
from itertools import islice

import numpy as np
import pytest

from dfmamba.errors import UserError
from dfmamba_live.sources.video import Video

EVEN = range(0, 400, 40)
UNEVEN = (0, 40, 55, 200, 210, 330)


def frames(source):
    return list(iter(source.read, None))


def level(frame):
    return int(np.median(frame.image[:, :32]))


def test_even_video(make_video):
    source = Video(make_video(EVEN))
    found = frames(source)
    assert (source.name, source.kind, source.live) == ("clip.mp4", "video", False)
    assert source.frame_count == len(found) == 10
    assert source.rate == pytest.approx(25, rel=0.01)
    assert [each.index for each in found] == list(range(10))
    assert [each.time_s for each in found] == pytest.approx([t / 1000 for t in EVEN], abs=1e-4)
    assert [level(each) for each in found] == pytest.approx(
        [20 * i % 200 for i in range(10)], abs=4
    )
    assert found[0].image.shape == (48, 64, 3)
    assert found[0].image.dtype == np.uint8
    assert source.read() is None
    source.close()
    source.close()


@pytest.mark.parametrize("start", [0, 500])
def test_uneven_times_are_exact_and_start_at_zero(make_video, start):
    source = Video(make_video([start + t for t in UNEVEN]))
    times = [each.time_s for each in frames(source)]
    assert times == pytest.approx([t / 1000 for t in UNEVEN], abs=1e-4)


@pytest.mark.parametrize(
    ("matrix", "white"),
    [
        ((0, 1, -1, 0), np.s_[-16:, :]),  # a quarter turn clockwise: right goes down
        ((0, -1, 1, 0), np.s_[:16, :]),
        ((-1, 0, 0, -1), np.s_[:, :16]),
    ],
)
def test_rotation_of_a_phone_is_undone(make_video, matrix, white):
    path = make_video(EVEN)
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 44  # the track's display matrix, 16.16 fixed point
    a, b, c, d = (each << 16 for each in matrix)
    struct.pack_into(">9i", data, place, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    image = Video(path).read().image
    assert image.shape == ((48, 64, 3) if matrix[0] else (64, 48, 3))
    assert image[white].min() > 200
    assert np.median(image) < 100


def test_loop_starts_again_while_time_goes_on(make_video):
    source = Video(make_video(UNEVEN), loop=True)
    found = list(islice(iter(source.read, None), 15))
    source.close()
    assert [each.index for each in found] == [i % 6 for i in range(15)]
    assert np.diff([each.time_s for each in found]).min() > 0.005
    assert source.read() is None


def test_truncated_video_gives_what_is_there(make_video, caplog):
    whole = make_video(range(0, 4000, 40), movflags="faststart")
    data = whole.read_bytes()
    part = whole.with_name("part.mp4")
    part.write_bytes(data[: data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2])
    found = frames(Video(part))
    assert 10 < len(found) < 90
    assert [each.index for each in found] == list(range(len(found)))


def test_damaged_middle_is_skipped(make_video, caplog):
    path = make_video(range(0, 4000, 40), movflags="faststart")
    data = bytearray(path.read_bytes())
    middle = (data.index(b"mdat") + len(data)) // 2
    data[middle : middle + 400] = b"\xff" * 400
    path.write_bytes(data)
    with caplog.at_level(logging.WARNING):
        found = frames(Video(path))
    assert 50 < len(found) < 100
    assert "clip.mp4 is damaged" in caplog.text


@pytest.mark.parametrize("content", [b"", bytes(range(256)) * 40, b"hello"])
def test_not_a_video(tmp_path, content):
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"no picture can be read from .*broken\.mp4"):
        Video(path)


def test_truncated_before_its_index(make_video):
    path = make_video(EVEN)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(UserError, match="no picture can be read"):
        Video(path)


def test_missing_video_and_folder(tmp_path):
    for path in (tmp_path / "none.mp4", tmp_path):
        with pytest.raises(UserError, match="no picture can be read"):
            Video(path)
