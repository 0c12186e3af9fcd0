"""Two hands that a network reads in one crop, through all that is made of an estimate."""

import csv
import json

import numpy as np
import pytest
from fake_parts import LAYERS, make_trace, with_traces
from painted import at, pixels
from spot import FRAME, ToldDetector, joints_at
from two_hands import SIDES, TwoHandNetwork, around_both, both
from watcher import Watcher

from dfmamba.frame import Frame
from dfmamba.hand import JOINT_COLOURS, JOINTS
from dfmamba.pipeline import HandEstimator
from dfmamba.pipeline.reader import HandReader
from dfmamba_live import headless
from dfmamba_live.recording import Recorder
from dfmamba_live.result import Result
from dfmamba_live.sources import open_path
from dfmamba_live.state import ViewState
from dfmamba_live.views.cards import HandCards
from dfmamba_live.views.image import ImageView
from dfmamba_live.views.scan.field import traced_regions
from dfmamba_live.views.scan.focus import pick
from dfmamba_live.views.scan.overlay import ScanOverlay
from dfmamba_live.views.scan.panel import ScanView
from dfmamba_live.views.scene.assembly import Stage
from dfmamba_live.views.scene.look import DARK
from dfmamba_live.views.scene.orbit import Orbit

COUNT, RATE = 6, 30
INDEX_TIP = JOINTS.index("index tip")


def places(index):
    return (125 + index, 120), (190 + index, 120)


def frames():
    return [Frame(both(*places(i)), i / RATE, index=i) for i in range(COUNT)]


class Clip:
    """Frames of two hands that touch, to be played or looked up."""

    name, kind, live, rate, path = "two hands", "video", False, float(RATE), None
    frame_count = COUNT

    def __init__(self):
        self.times_s = np.arange(COUNT) / RATE
        self._frames = frames()
        self._playing = iter(self._frames)

    def open(self):
        return self

    def __len__(self):
        return COUNT

    def read(self, index=None):
        return next(self._playing, None) if index is None else self._frames[index]

    def close(self):
        pass


@pytest.fixture
def estimator():
    estimator = HandEstimator(
        TwoHandNetwork(), detector=ToldDetector(around_both(*places(0))), smooth=False
    )
    yield estimator
    estimator.close()


@pytest.fixture
def result(estimator):
    """A frame with both hands in one region, traced."""
    frame = frames()[0]
    estimate = with_traces(estimator(frame), (make_trace(),) * LAYERS)
    assert [len(region.hands) for region in estimate.regions] == [2]
    return Result(frame, estimate, 0, 0.0, 0.0)


def by_side(hands):
    hands = {hand.side: hand for hand in hands}
    return [hands[side] for side in SIDES]


def near(joints_px, index, side):
    return joints_px == pytest.approx(joints_at(*places(index)[SIDES.index(side)], side), abs=3)


@pytest.mark.parametrize("suffix", [".json", ".csv", ".npz", ".mp4"])
def test_both_are_exported(estimator, tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    summary = headless.run(Clip(), estimator, {"name": "w"}, path)
    assert summary.with_hand == COUNT
    found = []
    if suffix == ".json":
        for frame in json.loads(path.read_text())["frames"]:
            hands = frame["hands"]
            found += [(frame["index"], hand["side"], np.array(hand["joints_px"])) for hand in hands]
    elif suffix == ".csv":
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                names = [(f"{joint}_x_px", f"{joint}_y_px") for joint in JOINTS]
                names = [[name.replace(" ", "_") for name in pair] for pair in names]
                joints_px = np.array([[float(row[name]) for name in pair] for pair in names])
                found.append((int(row["frame"]), row["side"], joints_px))
    elif suffix == ".npz":
        with np.load(path) as arrays:
            parts = [arrays[name].tolist() for name in ("frame", "side")]
            found = list(zip(*parts, arrays["joints_px"], strict=True))
    else:
        drawn = open_path(path).read().image.astype(int) - frames()[0].image
        for side in SIDES:
            wrist = joints_at(*places(0)[SIDES.index(side)], side)[0]
            assert at(drawn, wrist).max() > 60
        return
    assert sorted((index, side) for index, side, _ in found) == [
        (index, side) for index in range(COUNT) for side in SIDES
    ]
    assert all(near(joints_px, index, side) for index, side, joints_px in found)


def test_both_are_recorded_and_found_again_in_the_recording(estimator, tmp_path):
    recorder = Recorder(tmp_path / "take", Clip(), {"name": "w"})
    for frame in frames():
        recorder.add(frame, estimator(frame).hands)
    recorder.stop()
    lines = (recorder.folder / "frames.jsonl").read_text().splitlines()
    recorded = [json.loads(line)["hands"] for line in lines]
    assert [{hand["side"] for hand in hands} for hands in recorded] == [set(SIDES)] * COUNT
    estimator.reset()
    played = open_path(recorder.folder)
    for index, frame in enumerate(iter(played.read, None)):
        for hand in by_side(estimator(frame).hands):
            assert near(hand.joints_px, index, hand.side)
    played.close()


def test_both_are_reviewed_and_compared(estimator, no_thread_left):
    seen = Watcher(Clip(), estimator)
    seen.player.pause(True)
    seen.player.start()
    try:
        seen.until(lambda: seen.complete(0))
        seen.settle()
        assert np.isfinite(seen.player.findings.overview().confidence).all()
        seen.go(3)
        for hand in by_side(seen.newest.estimate.hands):
            assert near(hand.joints_px, 3, hand.side)
        seen.player.compare(lambda: HandReader(TwoHandNetwork(), "cpu"))
        seen.until(lambda: seen.newest.difference is not None)
        difference = seen.newest.difference
        assert [hand.side for hand in difference.hands] == [
            hand.side for hand in seen.newest.estimate.hands
        ]
        assert difference.px == pytest.approx(np.zeros(21))  # each with its own reading
        assert all(near(hand.joints_px, 3, hand.side) for hand in difference.hands)
    finally:
        assert seen.player.close()


def shown(qtbot, result, close_up=False, **state):
    """A view of the result."""
    overlay = ScanOverlay()
    view = ImageView(overlay, close_up)
    qtbot.addWidget(view)
    view.resize(2 * FRAME[1], 2 * FRAME[0])
    for each in (overlay, view):
        each.show_state(ViewState(**state))
    overlay.show_estimate(result.estimate)
    view.show_result(result)
    return view


@pytest.mark.parametrize("close_up", [False, True])
def test_image_and_close_up_show_both(qtbot, result, close_up):
    view = shown(qtbot, result, close_up)
    picture = pixels(view)
    for hand in result.estimate.hands:
        found = np.array([at(picture, place) for place in view.to_widget(hand.joints_px)])
        right = np.abs(found - JOINT_COLOURS).sum(axis=-1) < 60
        assert right.mean() > 0.6  # some lie under the other hand's bones


def test_the_scan_is_painted_once_for_the_pair(qtbot, result, monkeypatch):
    painted = []
    monkeypatch.setattr(
        "dfmamba_live.views.scan.overlay.paint_heat", lambda *given: painted.append(given)
    )
    view = shown(qtbot, result, heat="dt")
    pixels(view)
    assert len(painted) == 1
    regions = traced_regions(result.estimate, 0)
    assert [region.crop for region in regions.values()] == [result.estimate.regions[0].crop]
    plain = pixels(shown(qtbot, result))
    assert not np.array_equal(plain, pixels(shown(qtbot, result, offsets=True)))


def test_the_pointer_finds_the_joints_of_either_hand(result):
    estimate = result.estimate
    region = traced_regions(estimate, 0)[0]
    for hand in estimate.hands:
        focus = pick(estimate, hand.joints_px[INDEX_TIP], 5)
        assert (focus.side, focus.joint) == (hand.side, INDEX_TIP)
        assert focus.find(estimate) == (0, hand)
        assert focus.token(region, hand) is not None


def test_the_panel_takes_the_traces_of_the_region_once(qtbot, result):
    panel = ScanView()
    qtbot.addWidget(panel)
    panel.add(0.0, [region.traces for region in result.estimate.regions])
    assert panel.over_time.curves()[1][:, 0] == pytest.approx([0.5] * LAYERS)


def test_each_card_tells_of_its_hand(qtbot, result):
    cards = HandCards()
    qtbot.addWidget(cards)
    cards.show_estimate(result.estimate)
    for side in SIDES:
        assert cards.card(side).text.startswith(f"{side} 0.9")


def test_the_3d_view_shows_both_where_they_are(result):
    stage, camera = Stage(), result.estimate.camera
    stage.set_camera(camera, *FRAME[::-1])
    stage.take(result.estimate.hands, 0.0)
    balls = stage.scene(Orbit(), DARK, 1.0, trails=True).balls.centres.reshape(2, 21, 3)
    for hand, joints in zip(result.estimate.hands, balls, strict=True):
        assert np.abs(camera.project(joints) - hand.joints_px).mean() < 10
