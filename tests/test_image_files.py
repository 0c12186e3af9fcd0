import os

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.errors import UserError
from dfmamba.images import (
    picture_or_none,
    read_depth_picture,
    read_picture,
    read_texture,
    write_picture,
)
from dfmamba.picture_size import stated_size

COLOURS = np.zeros((40, 60, 3), np.uint8)
COLOURS[:, :30], COLOURS[:20, 30:] = (200, 40, 90), (10, 120, 220)
NAME = "ein Bild ü 手"


def store(path, stored):
    """As OpenCV does: blue first."""
    path.write_bytes(cv2.imencode(path.suffix, stored)[1].tobytes())
    return path


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        (COLOURS.astype(np.uint16) * 257, COLOURS),
        (np.dstack([COLOURS, np.zeros((40, 60), np.uint8)]), COLOURS),
        (COLOURS[..., 0], COLOURS[..., :1].repeat(3, 2)),
        (COLOURS[..., 0].astype(np.uint16) * 257, COLOURS[..., :1].repeat(3, 2)),
    ],
    ids=["16 bits", "alpha", "grey", "16 bits of grey"],
)
def test_pictures_of_all_kinds_become_8_bits_of_rgb(stored, seen, tmp_path):
    path = store(tmp_path / f"{NAME}.png", stored)
    np.testing.assert_array_equal(read_picture(path), seen[..., ::-1])


@pytest.fixture
def phone(tmp_path):
    """EXIF's orientation 6: to be turned to the right by 90 degrees."""
    tag = b"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + tag + bytes(4)
    jpeg = cv2.imencode(".jpg", COLOURS, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    path = tmp_path / "phone.jpg"
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:])
    return path


def test_a_phone_held_upright(phone):
    stored = COLOURS[..., ::-1].astype(int)
    # The chroma is stored at half the size.
    assert np.abs(read_picture(phone) - np.rot90(stored, -1)).mean() < 3
    assert np.abs(read_texture(phone) - stored).mean() < 3  # its places are those of the mesh


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_what_is_no_picture(content, tmp_path):
    path = tmp_path / "broken.png"
    if content is not None:
        path.write_bytes(content)
    assert picture_or_none(path) is None
    for read in (read_picture, read_texture, read_depth_picture):
        with pytest.raises(UserError, match=r"broken\.png"):
            read(path)


@pytest.mark.parametrize("suffix", [".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"])
def test_a_file_is_what_its_first_bytes_say(suffix, tmp_path):
    path = store(tmp_path / f"picture{suffix}", COLOURS)
    for _ in range(2):
        assert np.abs(read_picture(path) - COLOURS[..., ::-1].astype(int)).mean() < 4
        path = path.rename(tmp_path / "renamed.png")


@pytest.mark.parametrize("suffix", [".jp2", ".j2k", ".ppm", ".sr"])
def test_other_decoders_are_out_of_reach(suffix, tmp_path):
    written = ".jp2" if suffix == ".j2k" else suffix
    data = cv2.imencode(written, COLOURS)[1].tobytes()
    path = tmp_path / "renamed.png"
    path.write_bytes(data[data.find(b"\xff\x4f\xff\x51") :] if suffix == ".j2k" else data)
    assert cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR) is not None
    assert picture_or_none(path) is None


def test_depth_keeps_its_16_bits(tmp_path):
    units = np.arange(600, dtype=np.uint16).reshape(20, 30) * 100
    np.testing.assert_array_equal(read_depth_picture(store(tmp_path / f"{NAME}.png", units)), units)
    for name, other in (("8.png", units.astype(np.uint8)), ("3.png", np.dstack([units] * 3))):
        with pytest.raises(UserError, match="16 bits, grey"):
            read_depth_picture(store(tmp_path / name, other))


def test_light_beyond_white_is_kept(tmp_path):
    light = np.full((8, 8, 3), (0.25, 2.0, 16.0), np.float32)
    read = read_texture(store(tmp_path / f"{NAME}.hdr", light))
    np.testing.assert_allclose(read, light[..., ::-1], rtol=0.02)


def test_what_is_written_comes_back(tmp_path):
    path = tmp_path / "tief é" / f"{NAME}.png"
    write_picture(COLOURS, path)
    np.testing.assert_array_equal(read_picture(path), COLOURS)


def test_an_unwritable_place_is_told(tmp_path):
    (tmp_path / "sheet.png").mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        write_picture(COLOURS, tmp_path / "sheet.png")
    for name in ("sheet.text", "sheet"):
        with pytest.raises(UserError, match=r"ending in \.png"):
            write_picture(COLOURS, tmp_path / name)


@pytest.mark.parametrize("units", [3000, 800])
def test_depth_is_no_near_black_picture(units, tmp_path):
    depth = np.full((20, 20), units, np.uint16)
    depth[:4], depth[4:6] = 0, 65535  # not measured
    for suffix in (".png", ".tiff"):
        with pytest.raises(UserError, match=r"is a depth picture.*give the colour picture"):
            read_picture(store(tmp_path / f"d16{suffix}", depth))
    colours = np.dstack([depth] * 3)
    assert read_picture(store(tmp_path / "rgb.png", colours)).shape == (20, 20, 3)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tiff", ".webp", ".hdr"])
def test_the_size_is_known_before_decoding(suffix, tmp_path, monkeypatch):
    path = store(
        tmp_path / f"wide{suffix}", COLOURS.astype(np.float32 if suffix == ".hdr" else "u1")
    )
    assert stated_size(path.read_bytes()) == (60, 40)
    assert read_texture(path).shape == (40, 60, 3)
    monkeypatch.setattr("dfmamba.images.MOST_PIXELS", 60 * 40 - 1)
    for read in (read_picture, read_texture, read_depth_picture):
        with pytest.raises(UserError, match="60 x 40 large; give one of"):
            read(path)


def test_a_small_file_of_gigabytes_is_not_unpacked(tmp_path):
    small = cv2.imencode(".png", np.zeros((8, 8), np.uint8))[1].tobytes()
    path = tmp_path / "bomb.png"
    path.write_bytes(small[:16] + (30_000).to_bytes(4, "big") * 2 + small[24:])
    with pytest.raises(UserError, match="30000 x 30000"):
        read_picture(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    for name in ("pipe.png", "zero.png", "loop.png"):
        for read in (read_picture, read_texture, read_depth_picture):
            with pytest.raises(UserError, match=name):
                read(tmp_path / name)


@given(st.sampled_from([".jpg", ".png", ".bmp", ".tiff", ".webp"]), st.data())
def test_a_damaged_start_says_some_size_or_none(suffix, draw):
    data = bytearray(cv2.imencode(suffix, COLOURS)[1].tobytes())
    for place, value in draw.draw(
        st.dictionaries(st.integers(0, 200), st.integers(0, 255))
    ).items():
        data[place % len(data)] = value
    size = stated_size(bytes(data[: draw.draw(st.integers(0, len(data)))]))
    assert size is None or min(size) >= 0


def test_a_tiff_whose_tags_are_beyond_any_file():
    assert stated_size(b"II+\0\x08\0\0\0" + b"\xff" * 8) is None
