"""Networks whose layers nobody can look into, through a run without a window and in the window."""

import json

import cv2
import numpy as np
import pytest
import torch
from fake_parts import FakeScene
from plain_network import OTHERS
from spot import SpotNetwork, ToldDetector, detection, joints_at, picture
from watcher import Watcher

from dfmamba.frame import Frame
from dfmamba.model import HandNetwork
from dfmamba.pipeline import HandEstimator
from dfmamba.weights import save_network
from dfmamba_live import cli
from dfmamba_live.desktop import open_window
from dfmamba_live.options import Options, make_estimator, open_weights
from dfmamba_live.sources import open_path

pytestmark = pytest.mark.usefixtures("no_thread_left")

PLACE, COUNT, RATE = (150, 110), 6, 30


@pytest.fixture(params=OTHERS)
def weights(request, tmp_path):
    torch.manual_seed(0)
    network = HandNetwork(request.param)
    network.decoder.hand.bias.data[:] = 6  # a hand in every crop, as far as it is asked
    path = tmp_path / "other.safetensors"
    save_network(network, path)
    return path


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "spot.mp4"
    shown = picture(PLACE)
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, (shown.shape[1], shown.shape[0])
    )
    for _ in range(COUNT):
        writer.write(shown)
    writer.release()
    return path


@pytest.fixture
def detected(monkeypatch):
    """A hand around the spot for every detector."""
    monkeypatch.setattr(
        "dfmamba.pipeline.estimator.open_detector", lambda *_: ToldDetector(detection(*PLACE))
    )


@pytest.mark.usefixtures("detected")
def test_without_a_window(weights, clip, tmp_path):
    out = tmp_path / "out.json"
    options = ["--headless", "--video", clip, "--weights", weights, "--export", out]
    assert cli.main([str(each) for each in [*options, "--device", "cpu"]]) == 0
    document = json.loads(out.read_text())
    assert document["model"]["name"] == "other.safetensors"
    assert len(document["frames"]) == COUNT


@pytest.fixture
def shown(qtbot, monkeypatch):
    """A function that opens the window on a clip, with all of the scan to be seen."""
    monkeypatch.setattr("dfmamba_live.views.scene.widget.SceneWidget", FakeScene)
    windows = []

    def show(loaded, clip, estimator):
        _, window = open_window(loaded, open_path(clip, loop=True), estimator)
        qtbot.addWidget(window)
        windows.append(window)
        window.store.change(anchors=True, offsets=True)
        window.show()
        qtbot.waitUntil(lambda: len(window.scene.shown) > COUNT)
        return window

    yield show
    for window in windows:
        window.close()


@pytest.mark.usefixtures("detected")
def test_in_the_window(weights, clip, shown):
    options = Options(weights=weights, device="cpu")
    loaded = open_weights(options)
    window = shown(loaded, clip, make_estimator(options, loaded))
    assert window.status.text("device") == "CPU · other"
    assert window.session.failure is None


def test_hands_are_shown_where_there_is_nothing_to_trace(clip, shown, qtbot):
    loaded = open_weights(Options(device="cpu"))
    estimator = HandEstimator(SpotNetwork(), detector=ToldDetector(detection(*PLACE)))
    window = shown(loaded, clip, estimator)
    qtbot.waitUntil(lambda: window.session.latest.estimate.traced)
    (region,) = window.session.latest.estimate.regions
    assert region.traces == ()
    assert np.abs(region.hands[0].joints_px - joints_at(*PLACE)).mean() < 2
    assert len(window.scan.over_time.curves()[0]) == 0
    assert window.session.failure is None


class Clip:
    """The spot, frame by frame."""

    times_s = np.arange(COUNT) / RATE

    def open(self):
        return self

    def __len__(self):
        return COUNT

    def read(self, index):
        return Frame(picture(PLACE), index / RATE, index=index)

    def close(self):
        pass


def test_a_reviewed_frame_without_traces_is_whole_all_the_same():
    network = SpotNetwork()
    estimator = HandEstimator(network, detector=ToldDetector(detection(*PLACE)))
    seen = Watcher(Clip(), estimator)
    try:
        seen.player.pause(True)
        seen.player.start()
        seen.player.trace(True)
        seen.until(lambda: seen.complete(0))
        seen.settle()
        seen.go(3)
        seen.until(lambda: seen.newest.estimate.traced)  # looked at once, for traces
        calls = network.calls
        seen.go(2)
        seen.until(lambda: seen.newest.estimate.traced)
        seen.go(3)
        assert seen.newest.estimate.traced
        assert network.calls == calls + 1  # for the other frame
    finally:
        seen.player.close()
        estimator.close()
