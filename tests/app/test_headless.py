import json
from dataclasses import replace

import numpy as np
import pytest

from dfmamba.camera import Crop
from dfmamba.errors import NotFinite, UserError
from dfmamba.frame import Frame
from dfmamba.pipeline import Estimate, Region
from dfmamba.pose import HandPose
from dfmamba_live import headless

HAND = HandPose(
    side="right",
    score=0.5,
    box_px=np.zeros(4),
    joints_px=np.zeros((21, 2)),
    joints_mm=np.zeros((21, 3)),
    root_mm=None,
    confidence=np.ones(21),
)


class FakeSource:
    name, live, rate = "fake", False, 25.0

    def __init__(self, count=5, kind="video", ending=None):
        self.frame_count, self.kind, self.ending = count, kind, ending
        self.index = 0

    def read(self):
        if self.index == self.frame_count:
            if self.ending:
                raise self.ending
            return None
        self.index += 1
        image = np.full((48, 64, 3), self.index, np.uint8)
        return Frame(image, (self.index - 1) / 25, index=self.index - 1)


class FakeEstimator:
    """Finds a hand in every second frame, the first one too."""

    def __init__(self, errors=None):
        self.calls, self.resets, self.errors = [], 0, errors or {}
        self.settings = {"fov_deg": 90.0}

    def reset(self):
        self.resets += 1

    def __call__(self, frame):
        self.calls.append(frame)
        if frame.index in self.errors:
            raise self.errors[frame.index]
        regions = (Region(Crop(0, 0, 1), (), (HAND,)),) if len(self.calls) % 2 else ()
        return Estimate(regions, frame.intrinsics(), {}, len(self.calls) == 1)


def test_every_frame_is_estimated_and_exported(tmp_path, capsys):
    estimator, path = FakeEstimator(), tmp_path / "out.json"
    summary = headless.run(FakeSource(), estimator, {"name": "fake"}, path)
    assert (summary.frames, summary.with_hand) == (5, 3)
    assert str(summary).startswith("5 frames, 3 with a hand (60.0%), ")
    assert str(summary).endswith(" ms a frame, detector in 20.0%")
    assert [each.image[0, 0, 0] for each in estimator.calls] == [1, 2, 3, 4, 5]
    document = json.loads(path.read_text())
    assert [len(each["hands"]) for each in document["frames"]] == [1, 0, 1, 0, 1]
    assert [each["index"] for each in document["frames"]] == list(range(5))
    assert document["model"] == {"name": "fake"}
    assert document["settings"] == {"fov_deg": 90.0}
    assert "fake" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [KeyboardInterrupt, UserError("camera 0 stopped")])
def test_what_was_done_is_written(tmp_path, ending):
    path = tmp_path / "out.json"
    with pytest.raises((KeyboardInterrupt, UserError)):
        headless.run(FakeSource(3, ending=ending), FakeEstimator(), {}, path)
    assert len(json.loads(path.read_text())["frames"]) == 3


def test_progress_counts_what_is_left_out(monkeypatch, capsys):
    source = FakeSource(4, "images")
    frames = [Frame(np.zeros((4, 4, 3), np.uint8), index=index) for index in (0, 2)]
    monkeypatch.setattr(source, "read", lambda: frames.pop(0) if frames else None)
    headless.run(source, FakeEstimator(), {})
    assert "4/4" in capsys.readouterr().err


def test_nothing_at_all():
    assert str(headless.run(FakeSource(0), FakeEstimator(), {})).startswith("0 frames, 0 with")


ODD = {
    1: RuntimeError("CUDA error: misaligned address\nand much more"),
    2: MemoryError(),
    4: NotFinite("the network gives nan"),
}


def test_a_frame_that_fails_is_left_out_and_told_once(tmp_path, caplog):
    path, estimator = tmp_path / "out.json", FakeEstimator({**ODD, 6: RuntimeError(*ODD[1].args)})
    summary = headless.run(FakeSource(8), estimator, {}, path)
    assert (summary.frames, summary.failed, estimator.resets) == (4, 4, 4)
    assert str(summary).endswith(", 4 more failed")
    frames = json.loads(path.read_text())["frames"]
    assert [each["index"] for each in frames] == [0, 3, 5, 7]
    lines = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert lines == [
        "the hand estimation failed for frame 1 and goes on: "
        "RuntimeError: CUDA error: misaligned address",
        "the hand estimation failed for frame 2 and goes on: MemoryError",
        "the hand estimation failed for frame 4 and goes on: the network gives nan",
    ]


def test_three_frames_that_fail_end_the_run_and_what_was_done_is_kept(tmp_path):
    path, estimator = tmp_path / "out.json", FakeEstimator(dict.fromkeys((2, 3, 4), MemoryError()))
    with pytest.raises(UserError, match=r"stopped: MemoryError; 3 frames failed in a row"):
        headless.run(FakeSource(9), estimator, {}, path)
    assert len(json.loads(path.read_text())["frames"]) == 2


def test_a_frame_that_cannot_be_written_costs_that_frame_only(tmp_path, monkeypatch):
    path, source = tmp_path / "out.json", FakeSource(4)
    read = source.read
    odd = lambda frame: frame and replace(frame, time_s=np.nan if frame.index == 1 else 0.0)  # noqa: E731
    monkeypatch.setattr(source, "read", lambda: odd(read()))
    assert headless.run(source, FakeEstimator(), {}, path).failed == 1
    assert [each["index"] for each in json.loads(path.read_text())["frames"]] == [0, 2, 3]


def test_a_source_that_breaks_is_told_in_a_line(tmp_path):
    path = tmp_path / "out.json"
    with pytest.raises(UserError, match="fake cannot be read on: ValueError: an odd frame"):
        headless.run(FakeSource(3, ending=ValueError("an odd frame")), FakeEstimator(), {}, path)
    assert len(json.loads(path.read_text())["frames"]) == 3
