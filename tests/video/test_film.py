import logging
import os

import av
import numpy as np
import pytest
from films import corners, damage_jpegs, write_covered, write_film

from dfmamba.errors import UserError
from dfmamba.video import Film, video_frames


def test_a_cover_is_not_the_film(tmp_path):
    found = list(video_frames(write_covered(tmp_path / "covered.mkv")))
    assert [frame.image.shape for frame in found] == [(48, 64, 3)] * 5
    assert [frame.index for frame in found] == list(range(5))


def test_what_is_only_a_cover_is_no_film(tmp_path):
    def attach(stream):
        stream.disposition = av.stream.Disposition.attached_pic

    path = write_film(
        tmp_path / "song.mp4", [corners()], codec="mjpeg", pixels="yuvj420p", setup=attach
    )
    with av.open(str(path)) as container:
        assert container.streams.video[0].disposition & av.stream.Disposition.attached_pic
    with pytest.raises(UserError, match="no picture can be read"):
        Film(path)


@pytest.mark.parametrize("name", ["jpeg.avi", "jpeg.mkv", "jpeg.mov"])
def test_damaged_jpegs_keep_their_places_and_are_marked(name, tmp_path, caplog):
    path = write_film(tmp_path / name, [corners()] * 9, codec="mjpeg", pixels="yuvj420p")
    damage_jpegs(path, {0, 3, 4, 8})
    with caplog.at_level(logging.WARNING):
        found = list(video_frames(path))
    assert [frame.index for frame in found] == list(range(9))
    assert [frame.time_s for frame in found] == pytest.approx([i / 10 for i in range(9)])
    assert [i for i, frame in enumerate(found) if frame.damaged] == [0, 3, 4, 8]
    for frame in found:
        if frame.damaged:
            assert np.ptp(frame.image) == 0  # grey, not a guess in green
        else:
            assert np.abs(frame.image.astype(int) - corners()).mean() < 3
    assert f"{name} is damaged: 4 frames are marked" in caplog.text


def test_the_decoders_own_mark_is_kept(tmp_path):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
    path = write_film(
        tmp_path / "noise.mkv",
        [np.roll(noise, 2 * index, 1) for index in range(12)],
        options={"g": "4", "bf": "0", "sc_threshold": "0"},
    )
    with av.open(str(path)) as container:
        sizes = [packet.size for packet in container.demux() if packet.size]
        container.seek(0)
        packets = [bytes(packet) for packet in container.demux() if packet.size]
    data = bytearray(path.read_bytes())
    at = data.index(packets[4]) + sizes[4] // 2
    data[at : at + 20] = bytes(20)
    path.write_bytes(data)
    found = list(video_frames(path))
    assert [frame.index for frame in found if frame.damaged] == [4]
    assert len(found) == 12


def test_the_size_may_change(tmp_path):
    parts = [
        write_film(tmp_path / f"{width}.h264", [corners(width, height)] * 6)
        for width, height in ((64, 48), (96, 64))
    ]
    both = tmp_path / "both.h264"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    sizes = [frame.image.shape[:2] for frame in video_frames(both)]
    assert sizes == [(48, 64)] * 6 + [(64, 96)] * 6


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["10:30.mp4", "clip:take.mp4", "http:x.mp4", "a%20b?c#d.mp4"])
def test_any_name_is_a_file(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written = write_film(tmp_path / name, [corners()] * 3)
    for path in (written, name):
        assert len(list(video_frames(path))) == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_need_not_be_utf8(tmp_path):
    path = write_film(tmp_path / "plain.mp4", [corners()] * 3)
    path = path.rename(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
    assert len(list(video_frames(path))) == 3


PLAYLISTS = {
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfilm.mp4\n#EXT-X-ENDLIST\n",
    "itself.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nitself.m3u8\n",
    "list.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfilm.mp4\n#EXT-X-ENDLIST\n",
    "list.ffconcat": "ffconcat version 1.0\nfile film.mp4\n",
    "list.mpd": '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet>'
    '<Representation id="0" mimeType="video/mp4"><BaseURL>film.mp4</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>",
    "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "list.asx": '<asx version="3.0"><entry><ref href="film.mp4"/></entry></asx>',
}


@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_list_of_other_files_is_refused(name, tmp_path):
    write_film(tmp_path / "film.mp4", [corners()])
    (tmp_path / name).write_text(PLAYLISTS[name])
    with pytest.raises(UserError, match="a list of others") as told:
        Film(tmp_path / name)
    assert "\n" not in str(told.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "zero.mp4").symlink_to("/dev/zero")
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    for name in ("pipe.mp4", "zero.mp4", "loop.mp4"):
        with pytest.raises(UserError, match="no picture can be read"):
            Film(tmp_path / name)


@pytest.mark.parametrize("name", ["latin.avi", "latin.mp4", "latin.mov", "latin.mkv"])
def test_a_title_need_not_be_utf8(name, tmp_path):
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "cafX"
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(corners())))
        container.mux(stream.encode(None))
    data = path.read_bytes()
    assert b"cafX" in data
    path.write_bytes(data.replace(b"cafX", b"caf\xe9"))
    assert len(list(video_frames(path))) == 1


def test_a_frame_of_too_many_pixels_is_not_decoded(tmp_path, monkeypatch):
    path = write_film(tmp_path / "film.mp4", [corners()])
    monkeypatch.setattr("dfmamba.video.film.MOST_PIXELS", 64 * 47)
    with pytest.raises(UserError, match="cannot be read"):
        list(video_frames(path))
