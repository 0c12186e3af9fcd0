import logging
from itertools import islice

import cv2
import numpy as np
import pytest

from dfmamba.errors import UserError
from dfmamba_live.sources.images import Images


def write(folder, name, colour=(255, 0, 0)):
    image = np.full((48, 64, 3), colour, np.uint8)
    _, data = cv2.imencode(".png", image[..., ::-1])
    (folder / name).write_bytes(data.tobytes())


def test_natural_order_and_names(tmp_path):
    for name in ("b10.png", "b2.png", "B1.PNG", "a.png", "é3.png"):
        write(tmp_path, name)
    (tmp_path / "notes.txt").write_text("no picture")
    source = Images(tmp_path)
    found = list(iter(source.read, None))
    assert [each.file for each in found] == ["a.png", "B1.PNG", "b2.png", "b10.png", "é3.png"]
    assert [each.index for each in found] == list(range(5))
    assert [each.time_s for each in found] == [i / source.rate for i in range(5)]
    assert (source.name, source.kind, source.frame_count) == (tmp_path.name, "images", 5)
    assert source.read() is None


def test_pictures_are_rgb(tmp_path):
    write(tmp_path, "0.png", (250, 10, 20))
    image = Images(tmp_path).read().image
    assert image.shape == (48, 64, 3)
    assert image[0, 0].tolist() == [250, 10, 20]


def test_unreadable_pictures_are_skipped_with_a_warning(tmp_path, caplog):
    write(tmp_path, "0.png")
    (tmp_path / "1.png").write_bytes(b"broken")
    (tmp_path / "2.jpg").write_bytes(b"")
    (tmp_path / "3.png").mkdir()
    write(tmp_path, "4.png")
    with caplog.at_level(logging.WARNING):
        found = list(iter(Images(tmp_path).read, None))
    assert [(each.index, each.file) for each in found] == [(0, "0.png"), (4, "4.png")]
    assert [name in caplog.text for name in ("1.png", "2.jpg", "3.png")] == [True] * 3


def test_loop_goes_on_in_time(tmp_path):
    write(tmp_path, "0.png")
    write(tmp_path, "1.png")
    source = Images(tmp_path, loop=True)
    found = list(islice(iter(source.read, None), 5))
    source.close()
    assert [each.index for each in found] == [0, 1, 0, 1, 0]
    assert [each.time_s for each in found] == [i / source.rate for i in range(5)]
    assert source.read() is None


def test_what_cannot_be_read_is_told_once(tmp_path, caplog):
    write(tmp_path, "0.png")
    (tmp_path / "1.png").write_bytes(b"broken")
    with caplog.at_level(logging.WARNING):
        source = Images(tmp_path, loop=True)
        assert [source.read().index for _ in range(4)] == [0, 0, 0, 0]
    assert caplog.text.count("1.png cannot be read") == 1


def test_folders_without_a_picture(tmp_path):
    with pytest.raises(UserError, match="no picture can be read"):
        Images(tmp_path)
    (tmp_path / "0.png").write_bytes(b"broken")
    with pytest.raises(UserError, match="no picture can be read"):
        Images(tmp_path, loop=True)


def test_depth_is_told_as_such(tmp_path, caplog):
    _, data = cv2.imencode(".png", np.full((20, 20), 3000, np.uint16))
    (tmp_path / "0.png").write_bytes(data.tobytes())
    for path in (tmp_path / "0.png", tmp_path):
        with pytest.raises(UserError, match="is a depth picture"):
            Images(path)
    write(tmp_path, "1.png")
    with caplog.at_level(logging.WARNING):
        assert [each.index for each in iter(Images(tmp_path).read, None)] == [1]
    assert "0.png is a depth picture" in caplog.text
