import json

import numpy as np
import pytest

from app.recording import Export
from app.sources import Frame
from app.sources.simulated import Simulated
from dfmamba.errors import UserError
from dfmamba.pose import HandPose

MODEL = {"name": "hand.safetensors", "sha256": "ab" * 32}


def hand(side="left", root=(1.005, -2.0, 400.123)):
    pixels = np.arange(42, dtype=np.float32).reshape(21, 2) + 0.126
    millimetres = np.arange(63).reshape(21, 3) * -1.2345
    return HandPose(
        side=side,
        score=0.98765,
        box_px=np.array([0.126, 1.126, 40.126, 41.126]),
        joints_px=pixels,
        joints_mm=millimetres,
        root_mm=None if root is None else np.array(root),
        confidence=np.ones(21),
    )


def frame(index=0, file=None):
    return Frame(np.zeros((48, 64, 3), np.uint8), index, index / 30, 0.0, file)


@pytest.fixture
def export():
    return Export(Simulated(64, 48, count=7), MODEL)


def test_every_field(export, tmp_path):
    export.add(frame(0, "0000.png"), [hand("left"), hand("right", None)])
    export.add(frame(1), [])
    path = tmp_path / "out.json"
    export.write(path)
    document = json.loads(path.read_text())

    assert list(document) == ["schema", "source", "model", "frames"]
    assert document["schema"] == 1
    assert document["source"] == {
        "name": "simulated camera",
        "kind": "simulated",
        "width": 64,
        "height": 48,
        "rate": 30.0,
        "frames": 7,
    }
    assert document["model"] == MODEL
    first, second = document["frames"]
    hands = first.pop("hands")
    assert first == {"index": 0, "time_s": 0.0, "file": "0000.png", "width": 64, "height": 48}
    assert second == {
        "index": 1,
        "time_s": 0.033333,
        "file": None,
        "width": 64,
        "height": 48,
        "hands": [],
    }
    left, right = hands
    assert list(left) == ["side", "score", "box_px", "joints_px", "joints_mm", "root_mm"]
    assert (left["side"], right["side"]) == ("left", "right")
    assert left["score"] == 0.9877
    assert left["box_px"] == [0.13, 1.13, 40.13, 41.13]
    assert left["joints_px"] == [[round(i + 0.13, 2), round(i + 1.13, 2)] for i in range(0, 42, 2)]
    assert np.shape(left["joints_mm"]) == (21, 3)
    assert left["joints_mm"][1] == [-3.7, -4.94, -6.17]
    assert left["root_mm"] == pytest.approx([1.0, -2.0, 400.12], abs=0.011)
    assert right["root_mm"] is None
    assert "-0.0" not in path.read_text()


def test_no_frame_at_all_is_still_valid(export, tmp_path):
    export.write(tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text())
    assert document["frames"] == []
    assert document["source"]["width"] is None


def test_writing_replaces_and_leaves_nothing_behind(export, tmp_path):
    path = tmp_path / "out.json"
    path.write_text("old")
    export.write(path)
    assert json.loads(path.read_text())["schema"] == 1
    assert list(tmp_path.iterdir()) == [path]


def test_older_file_survives_a_failure(export, tmp_path, monkeypatch):
    path = tmp_path / "out.json"
    path.write_text("old")
    export.add(frame(), [hand(root=(np.nan, 0, 0))])
    with pytest.raises(ValueError, match="not JSON compliant"):
        export.write(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_unwritable_place(export, tmp_path):
    with pytest.raises(UserError, match="cannot be written"):
        export.write(tmp_path / "none" / "out.json")
