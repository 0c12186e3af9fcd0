import numpy as np
import pytest

from dfmamba.errors import UserError
from dfmamba.synth.cli import clip, sheet
from dfmamba.video import video_frames


@pytest.fixture
def hand(arrays, tmp_path):
    arrays.save(tmp_path / "hand.npz")
    return tmp_path / "hand.npz"


def test_a_sheet_is_a_picture(hand, tmp_path):
    sheet(tmp_path / "sheet.png", hand=hand, count=2)
    assert (tmp_path / "sheet.png").stat().st_size > 1000
    with pytest.raises(UserError, match=r"\.png"):
        sheet(tmp_path / "sheet.text", hand=hand, count=1)
    with pytest.raises(UserError, match="--count"):
        sheet(tmp_path / "sheet.png", hand=hand, count=0)


def test_files_of_another_kind_are_told(hand, tmp_path):
    other, text = tmp_path / "other.npz", tmp_path / "text.npz"
    np.savez(other, numbers=np.ones(3))
    text.write_text("no arrays")
    for data, said in ((other, "no pack of textures"), (text, "damaged or of another kind")):
        with pytest.raises(UserError, match=said):
            sheet(tmp_path / "sheet.png", data=data, hand=hand, count=1)
    for wrong, said in ((other, "older version"), (text, "damaged or of another kind")):
        with pytest.raises(UserError, match=said):
            sheet(tmp_path / "sheet.png", hand=wrong, count=1)


def test_a_clip_is_a_video_under_any_name(hand, tmp_path, monkeypatch):
    monkeypatch.setattr("dfmamba.synth.clip.SECONDS", 0.04)
    clip(tmp_path / "deep" / "clip.video", hand=hand)
    frames = list(video_frames(tmp_path / "deep" / "clip.video"))
    assert len(frames) == 1
    assert frames[0].image.shape == (480, 640, 3)
    assert len(list((tmp_path / "deep").iterdir())) == 1
