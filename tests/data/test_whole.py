from dataclasses import replace

import numpy as np
import pytest
import torch

from dfmamba.data.consensus import CheckedHand
from dfmamba.data.labels import Labels
from dfmamba.data.whole import LONGEST, WholeFrames, WholePictures, pack_whole
from dfmamba.errors import UserError
from dfmamba.images import write_picture
from dfmamba.pipeline.landmarker import SeenHand

SIZE = 64


@pytest.fixture
def folder(tmp_path):
    """Two pictures, twice as large as they are packed; the second one's hand is doubtful."""
    folder = tmp_path / "snaps"
    for name, shade in (("one.png", 60), ("two.png", 200), ("none.png", 128)):
        write_picture(np.full((LONGEST, 2 * LONGEST, 3), shade, np.uint8), folder / name)
    return folder


def labels_of(*hands):
    """Labels of hands, each (file, x, y, side, spread)."""
    labels = Labels.empty()
    grid = np.stack(np.meshgrid(np.arange(7.0), np.arange(3.0)), -1).reshape(21, 2)
    for name in dict.fromkeys(each[0] for each in hands):
        mine = [each for each in hands if each[0] == name]
        checked = [
            CheckedHand(
                SeenHand(side, 0.95, 60 * grid + [x, y], np.zeros((21, 3))), 4, spread, True
            )
            for _, x, y, side, spread in mine
        ]
        labels = labels.add(name, checked)
    return replace(labels, pictures=np.append(labels.pictures, "none.png"))


def test_pictures_are_packed_small_with_the_hands_in_them(folder):
    labels = labels_of(("one.png", 100, 60, "left", 0.0), ("one.png", 400, 60, "right", 0.5))
    pack = pack_whole(labels, folder)
    assert len(pack.ends) == 1
    picture = pack.decoded(0)
    assert picture.shape == (LONGEST // 2, LONGEST, 3)
    assert abs(int(picture.mean()) - 60) < 3
    assert pack.joints_px[0, 0] == pytest.approx([50, 30])
    assert pack.right.tolist() == [False, True]
    assert pack.agreed.tolist() == [True, False]


def test_pictures_that_may_show_more_hands_or_are_kept_are_left_out(folder):
    labels = labels_of(("one.png", 100, 60, "left", 0.0), ("two.png", 100, 60, "left", 0.0))
    assert len(pack_whole(labels, folder).ends) == 2
    held = folder.rename(folder.with_name("photos"))
    name = "15_pic00000.png"
    (held / "two.png").rename(held / name)
    labels = replace(
        labels, pictures=np.array(["one.png", name]), files=np.array(["one.png", name])
    )
    assert len(pack_whole(labels, held).ends) == 1
    with pytest.raises(UserError, match="no picture"):
        pack_whole(labels, held, least_hands=2)


def test_frames_show_the_pictures_with_their_hands(folder, tmp_path):
    labels = labels_of(("one.png", 200, 100, "left", 0.0), ("two.png", 200, 100, "right", 0.5))
    pack_whole(labels, folder).save(tmp_path / "pack.npz")
    one = replace(WholePictures.load(tmp_path / "pack.npz"))
    assert len(one.ends) == 1  # of the doubtful one nothing can be learned

    def behind(count):
        return torch.zeros(count, 3, SIZE, SIZE)

    def frames():
        made = WholeFrames([tmp_path / "pack.npz"], SIZE, behind, torch.device("cpu"))
        return made.batch(16)

    first, again = frames(), frames()
    assert torch.equal(first.images, again.images)
    here = first.counts[:, 0] > 0
    assert here.float().mean() > 0.5
    assert (first.counts[:, 1:] == 0).all()
    assert set(first.right[here, 0].tolist()) == {0.0, 1.0}
    assert first.palm[here, 0].min() >= 0
    assert first.palm[here, 0].max() <= SIZE
