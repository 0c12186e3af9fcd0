import cv2
import numpy as np
import pytest

from dfmamba.errors import UserError
from dfmamba.images import (
    picture_or_none,
    read_depth_picture,
    read_picture,
    read_texture,
    write_picture,
)

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
