from fractions import Fraction

import cv2
import numpy as np
import pytest
from films import corners, damage_jpegs, write_film

from dfmamba.errors import UserError
from dfmamba_live.sources import open_frames, open_path
from dfmamba_live.sources.lookup import KEPT_BYTES, VideoReader

UNEVEN = [0, 40, 55, 200, 210, 330, 331, 400, 520, 640, 1000, 1040, 1100, 1101, 1200, 1300]
FORMATS = {
    "x264": ("clip.mp4", "libx264", {"bf": "3", "g": "6"}),
    "x264-one-key": ("clip.mkv", "libx264", {"bf": "3"}),
    "x264-open-gop": ("clip.mkv", "libx264", {"bf": "3", "g": "5", "x264-params": "open-gop=1"}),
    "ts": ("clip.ts", "libx264", {"bf": "2", "g": "5"}),
    "vp9": ("clip.webm", "libvpx-vp9", {"g": "7", "cpu-used": "8", "lag-in-frames": "8"}),
    "mjpeg": ("clip.avi", "mjpeg", {}),
}


def played(path):
    return list(iter(open_path(path).read, None))


@pytest.fixture(params=FORMATS)
def clip(request, make_video):
    name, codec, options = FORMATS[request.param]
    times = range(0, 640, 40) if codec == "mjpeg" else UNEVEN
    return make_video(times, name, codec=codec, codec_options=options)


@pytest.mark.parametrize("order", ["forwards", "backwards", "anyhow"])
def test_every_frame_is_the_one_that_is_played(clip, order, monkeypatch):
    monkeypatch.setattr("dfmamba_live.sources.lookup.NEAR", 3)
    monkeypatch.setattr("dfmamba_live.sources.lookup.KEPT_BYTES", 0)
    expected = played(clip)
    reader = VideoReader(clip)
    assert len(reader) == len(expected) == 16
    assert reader.times_s == pytest.approx([each.time_s for each in expected], abs=1e-9)
    rng = np.random.default_rng(0)
    for index in {
        "forwards": range(16),
        "backwards": range(15, -1, -1),
        "anyhow": rng.integers(16, size=40).tolist(),
    }[order]:
        frame, same = reader.read(index), expected[index]
        assert (frame.index, frame.time_s) == (same.index, pytest.approx(same.time_s))
        assert np.array_equal(frame.image, same.image)
    reader.close()


def test_frames_before_the_start_that_an_editor_set_are_not_shown(make_video):
    path = make_video(range(-400, 1200, 40), codec_options={"bf": "2", "g": "50"})
    reader = VideoReader(path)
    assert [each.index for each in played(path)] == list(range(len(reader))) == list(range(30))
    assert reader.read(0).time_s == 0


def test_neighbours_are_not_decoded_from_the_start(make_video, monkeypatch):
    path = make_video(range(0, 4000, 20), codec_options={"g": "250", "sc_threshold": "0"})
    reader = VideoReader(path)
    decoded = []
    keep = reader._keep
    monkeypatch.setattr(
        reader, "_keep", lambda index, frame: (decoded.append(index), keep(index, frame))
    )
    reader.read(150)
    assert len(decoded) == 151
    for index in (151, 150, 149, 148, 120, 152):
        reader.read(index)
    assert decoded[151:] == [151, 152]
    assert KEPT_BYTES > 200 * 64 * 48 * 1.5


def test_a_file_without_times_is_played_but_not_looked_up(make_video):
    path = make_video(range(0, 400, 40), "clip.h264", codec_options={"bf": "0", "g": "4"})
    times = [each.time_s for each in played(path)]
    assert len(times) == 10
    assert np.diff(times).min() > 0
    with pytest.raises(UserError, match=r"without a time of their own; convert it to \.mp4"):
        open_frames(path)


def test_there_is_no_other_index(make_video):
    reader = open_frames(make_video(range(0, 200, 40)))
    for index in (-1, 5):
        with pytest.raises(IndexError, match="has 5 frames"):
            reader.read(index)


def test_a_damaged_place_is_told_and_the_rest_is_read(make_video):
    path = make_video(range(0, 4000, 40), movflags="faststart")
    data = bytearray(path.read_bytes())
    middle = (data.index(b"mdat") + len(data)) // 2
    data[middle : middle + 400] = b"\xff" * 400
    path.write_bytes(data)
    expected = {frame.index: frame for frame in played(path)}
    reader = open_frames(path)
    assert 50 < len(expected) < len(reader) == 100
    for index in range(99, -1, -1):
        if index in expected:
            frame = reader.read(index)
            assert frame.time_s == pytest.approx(expected[index].time_s)
        else:
            with pytest.raises(UserError, match=f"frame {index} of clip.mp4 cannot be read"):
                reader.read(index)


def test_files_without_frames(tmp_path):
    (tmp_path / "none.mp4").write_bytes(bytes(range(256)) * 40)
    with pytest.raises(UserError, match="no picture can be read"):
        open_frames(tmp_path / "none.mp4")
    with pytest.raises(UserError, match="no picture can be read"):
        open_frames(tmp_path)
    with pytest.raises(UserError, match="there is no file or folder"):
        open_frames(tmp_path / "nowhere")


def test_folders_are_numbered_as_played(tmp_path):
    for level, name in enumerate(("b10.png", "a.png", "b2.png")):
        cv2.imwrite(str(tmp_path / name), np.full((48, 64, 3), 80 * level, np.uint8))
    (tmp_path / "b1.png").write_bytes(b"broken")
    reader = open_frames(tmp_path)
    found = [reader.read(index) for index in (3, 0, 2)]
    assert [each.file for each in found] == ["b10.png", "a.png", "b2.png"]
    assert [int(each.image[0, 0, 0]) for each in found] == [0, 80, 160]
    with pytest.raises(UserError, match=r"b1\.png cannot be read"):
        reader.read(1)
    assert {each.index: each.time_s for each in played(tmp_path)} == {
        index: reader.times_s[index] for index in (0, 2, 3)
    }
    with pytest.raises(IndexError, match="has 4 pictures"):
        reader.read(4)


def test_damaged_jpegs_are_marked_as_when_played(tmp_path):
    path = write_film(tmp_path / "jpeg.mkv", [corners()] * 9, codec="mjpeg", pixels="yuvj420p")
    damage_jpegs(path, {0, 3, 4, 8})
    expected, reader = played(path), open_frames(path)
    assert len(reader) == 9
    for index in (8, 4, 0, 3, 7, 1, 8):
        frame = reader.read(index)
        assert frame.damaged == expected[index].damaged == (index in {0, 3, 4, 8})
        assert np.array_equal(frame.image, expected[index].image)


def test_wide_pixels_and_fields_are_looked_up_as_played(tmp_path):
    path = write_film(
        tmp_path / "tv.mpg",
        [corners(moved=2 * index) for index in range(6)],
        codec="mpeg2video",
        tags={"sample_aspect_ratio": Fraction(4, 3)},
        options={"flags": "+ilme+ildct", "g": "3"},
    )
    expected, reader = played(path), open_frames(path)
    for index in (5, 0, 3):
        assert reader.read(index).image.shape == (48, 85, 3)
        assert np.array_equal(reader.read(index).image, expected[index].image)
