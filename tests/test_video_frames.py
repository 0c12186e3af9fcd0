import struct

import av
import numpy as np
import pytest

from dfmamba.errors import UserError
from dfmamba.video import video_frames

RATE = 20


@pytest.fixture
def clip(tmp_path):
    """Three frames of 64 x 48, their right third white."""
    path = tmp_path / "clip.mp4"
    image = np.zeros((48, 64, 3), np.uint8)
    image[:, 43:] = 255
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", RATE, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())
    return path


def turn(path):
    """Say in the file that the phone was held a quarter turn to the left."""
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 44  # the track's display matrix, 16.16 fixed point
    struct.pack_into(">9i", data, place, 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


def test_frames_have_their_times(clip):
    frames = list(video_frames(clip))
    assert [frame.time_s for frame in frames] == pytest.approx([0, 1 / RATE, 2 / RATE])
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert all(frame.image.shape == (48, 64, 3) for frame in frames)
    assert frames[0].image[:, :40].max() < 30
    assert frames[0].image[:, 46:].min() > 220


def test_frames_are_turned_as_the_phone_was_held(clip):
    turn(clip)
    image = next(video_frames(clip)).image
    assert image.shape == (64, 48, 3)
    assert image[46:].min() > 220
    assert image[:40].max() < 30


def test_a_file_that_is_no_video_is_told(tmp_path):
    path = tmp_path / "notes.mp4"
    path.write_text("not a video")
    with pytest.raises(UserError, match=r"notes.mp4 cannot be read"):
        list(video_frames(path))
    with pytest.raises(UserError, match=r"there is no file .*none.mp4"):
        list(video_frames(tmp_path / "none.mp4"))


def test_a_playlist_does_not_lead_to_the_network(tmp_path):
    path = tmp_path / "list.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n")
    with pytest.raises(UserError, match=r"list.m3u8 cannot be read"):
        list(video_frames(path))
