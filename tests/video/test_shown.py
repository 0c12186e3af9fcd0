from fractions import Fraction

import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from films import HEIGHT, WIDTH, corners, write_film

from dfmamba.video import video_frames

ONE = 1 << 16
PLACES = {
    "top left": np.s_[2:8, 2:8],
    "bottom left": np.s_[-8:-2, 2:8],
    "top right": np.s_[2:8, -8:-2],
    "bottom right": np.s_[-8:-2, -8:-2],
}


def colours(image):
    """Where red, green and blue are."""
    mean = {place: image[part].reshape(-1, 3).mean(0) for place, part in PLACES.items()}
    return tuple(max(mean, key=lambda place: mean[place][i]) for i in range(3))


@pytest.mark.parametrize(
    ("matrix", "size", "places"),
    [
        ((1, 0, 0, 1), (64, 48), ("top left", "bottom left", "top right")),
        ((-1, 0, 0, 1), (64, 48), ("top right", "bottom right", "top left")),
        ((-1, 0, 0, -1), (64, 48), ("bottom right", "top right", "bottom left")),
        ((1, 0, 0, -1), (64, 48), ("bottom left", "top left", "bottom right")),
        ((0, 1, 1, 0), (48, 64), ("top left", "top right", "bottom left")),
        ((0, 1, -1, 0), (48, 64), ("top right", "top left", "bottom right")),
        ((0, -1, -1, 0), (48, 64), ("bottom right", "bottom left", "top right")),
        ((0, -1, 1, 0), (48, 64), ("bottom left", "bottom right", "top left")),
    ],
)
def test_all_eight_orientations(matrix, size, places, tmp_path):
    a, b, c, d = (ONE * each for each in matrix)
    path = write_film(
        tmp_path / "phone.mp4",
        [corners()],
        setup=lambda stream: stream.set_display_matrix((a, b, 0, c, d, 0, 0, 0, 1 << 30)),
    )
    (frame,) = video_frames(path)
    assert frame.image.shape == (*size[::-1], 3)
    assert colours(frame.image) == places


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        (Fraction(64, 45), (91, 48)),
        (Fraction(4, 3), (85, 48)),
        (Fraction(1, 2), (64, 96)),
        (Fraction(1, 100), (64, 48)),  # no camera has such pixels
    ],
)
def test_pixels_are_square(aspect, size, tmp_path):
    path = write_film(tmp_path / "wide.mp4", [corners()], tags={"sample_aspect_ratio": aspect})
    (frame,) = video_frames(path)
    assert frame.image.shape == (*size[::-1], 3)
    assert colours(frame.image) == ("top left", "bottom left", "top right")


def test_no_combs_where_each_field_has_its_own_time(tmp_path):
    # A bright bar moves by 8 pixels between the fields of each frame.
    woven = [corners(moved=16 * index) for index in range(3)]
    for index, image in enumerate(woven):
        image[1::2] = corners(moved=16 * index + 8)[1::2]
    path = write_film(
        tmp_path / "tv.mpg",
        woven,
        codec="mpeg2video",
        options={"flags": "+ilme+ildct", "qmin": "1", "qmax": "2"},
    )
    found = [frame.image.astype(int) for frame in video_frames(path)]
    assert [image.shape for image in found] == [(HEIGHT, WIDTH, 3)] * 3
    for index, image in enumerate(found):
        red = image[1:10, :, 0]
        assert np.abs(np.diff(red, axis=0)).max() < 60  # combs are 255 deep
        assert red[:, 16 * index + 3 : 16 * index + 13].min() > 140  # 4:2:0 mixed the fields
        assert image[-10:, 2:14, 1].min() > 200


PATCHES = np.array(
    [
        *[(r, g, b) for r in (40, 128, 220) for g in (40, 128, 220) for b in (40, 128, 220)],
        *[(255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255)],
    ],
    np.uint8,
)


@pytest.mark.parametrize("matrix", [Colorspace.ITU601, Colorspace.ITU709])
@pytest.mark.parametrize("limits", [ColorRange.MPEG, ColorRange.JPEG])
@pytest.mark.parametrize("interlaced", [False, True])
def test_colours_come_out_as_put_in(matrix, limits, interlaced, tmp_path):
    image = PATCHES.reshape(4, 8, 3).repeat(16, 0).repeat(16, 1)
    path = write_film(
        tmp_path / "patches.mp4",
        [image] * 2,
        tags={"colorspace": 1 if matrix is Colorspace.ITU709 else 6, "color_range": limits},
        options={"crf": "0", "x264-params": f"interlaced={int(interlaced)}"},
        dst_colorspace=matrix,
        dst_color_range=limits,
    )
    for frame in video_frames(path):
        shown = frame.image[8::16, 8::16].reshape(-1, 3)
        assert np.abs(shown.astype(int) - PATCHES).max() <= 3


# cd/m2 of a grey, its code in BT.2100, and what it becomes on paper white of 203 cd/m2:
# light x = L / 203, Reinhard's x (1 + x / w^2) / (1 + x) with w = 1000 / 203, coded as sRGB.
@pytest.mark.parametrize(
    ("transfer", "code", "value"),
    [
        (16, 0.0, 0),
        (16, 0.508078, 156),  # 100 cd/m2
        (16, 0.580689, 190),  # 203
        (16, 0.751827, 255),  # 1000
        (16, 1.0, 255),
        (18, 0.5, 124),  # 50.7 on a display of 1000
        (18, 0.75, 190),  # 203
        (18, 1.0, 255),
    ],
)
def test_high_dynamic_range_becomes_ordinary(transfer, code, value, tmp_path):
    grey = np.full((HEIGHT, WIDTH, 3), round(65535 * code), np.uint16)
    (frame,) = video_frames(hdr(tmp_path, grey, transfer))
    assert np.abs(frame.image.astype(int) - value).max() <= 2


def test_colours_of_high_dynamic_range_keep_their_hue(tmp_path):
    # BT.709's red and green, half as bright as paper white, in BT.2020 and PQ.
    patches = np.zeros((HEIGHT, WIDTH, 3), np.uint16)
    patches[:, :32], patches[:, 32:] = (30377, 17857, 11638), (26391, 32844, 19065)
    (frame,) = video_frames(hdr(tmp_path, patches, 16))
    red, green = frame.image[24, 16].astype(int), frame.image[24, 48].astype(int)
    assert red[0] > 120
    assert red[1:].max() < 70
    assert green[1] > 120
    assert green[[0, 2]].max() < 90


def hdr(folder, image, transfer):
    return write_film(
        folder / "phone.mkv",
        [image],
        codec="ffv1",
        pixels="yuv444p10le",
        tags={"color_primaries": 9, "color_trc": transfer, "colorspace": 9, "color_range": 1},
        dst_colorspace=Colorspace.BT2020,
        dst_color_range=ColorRange.MPEG,
    )
