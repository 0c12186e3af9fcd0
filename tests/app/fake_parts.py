"""Stand-ins for what the window is given: a source, an estimator, a 3D view, options."""

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, sleep

import numpy as np
import torch
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dfmamba.camera import Crop, Intrinsics
from dfmamba.frame import Frame
from dfmamba.model import ScanTrace
from dfmamba.pipeline import STAGES, Estimate, Region
from dfmamba.pose import HandPose
from dfmamba.weights import LoadedNetwork
from dfmamba_live.result import Result
from dfmamba_live.state import LAYERS

WIDTH, HEIGHT = 320, 240
GREY = 96
LOADED = LoadedNetwork(None, Path("hand.safetensors"), "0" * 64, torch.device("cpu"))
MODEL = LOADED.describe()


def make_hand(side="right", x=160.0, y=200.0):
    """Five fingers fanned upwards from a wrist at (x, y)."""
    fingers = np.arange(20) // 4
    reach = 30.0 + 25.0 * (np.arange(20) % 4)
    angle = np.radians(90 + 25 * (2 - fingers))
    tips = np.stack([x + reach * np.cos(angle), y - reach * np.sin(angle)], axis=-1)
    joints = np.concatenate([[[x, y]], tips])
    joints_mm = np.concatenate([joints - joints[0], np.zeros((21, 1))], axis=1)
    box = np.concatenate([joints.min(axis=0), joints.max(axis=0)])
    return HandPose(side, 0.97, box, joints, joints_mm, np.array([0, 0, 500.0]), np.ones(21))


def make_trace(size=8, offset=0.5):
    """Every place is read `offset` tokens below its anchor; weights 1/9."""
    steps = np.arange(3) - 1
    anchors = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(9, 2)
    tokens = size * size
    offsets = np.zeros((tokens, 9, 2))
    offsets[..., 0] = offset
    return ScanTrace(
        size,
        size,
        anchors.astype(float),
        offsets,
        np.full((tokens, 9), 1 / 9),
        np.ones(tokens),
        np.arange(tokens),
    )


def make_frame(index=0, time_s=0.0):
    image = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    return Frame(image, time_s, index=index, captured=perf_counter())


def make_estimate(hands=(), trace=None):
    traces = (trace,) * LAYERS if trace else ()
    crops = [Crop.around(hand.joints_px, 1.5, hand.side == "left") for hand in hands]
    regions = [Region(crop, traces, (hand,)) for crop, hand in zip(crops, hands, strict=True)]
    camera = Intrinsics.assumed(WIDTH, HEIGHT)
    times = dict.fromkeys(STAGES, 2.0)
    return Estimate(tuple(regions), camera, times, bool(hands), traced=trace is not None)


def with_traces(estimate, traces):
    """The estimate, its regions with these traces."""
    regions = tuple(replace(region, traces=traces) for region in estimate.regions)
    return replace(estimate, regions=regions, traced=True)


def make_result(*hands, trace=None, dropped=0, **changes):
    """A result that waited 3 ms, took 20 ms and was done 5 ms ago."""
    done = perf_counter() - 0.005
    frame = replace(make_frame(), captured=done - 0.023)
    estimate = replace(make_estimate(hands, trace), **changes)
    return Result(frame, estimate, dropped, done - 0.020, done)


class FakeSource:
    """Grey frames at a steady rate; `count` of them, then the end or an error."""

    name, kind, rate, path = "fake", "video", 60.0, None

    def __init__(self, count=None, live=False, error=None):
        self.frame_count, self.live, self._error = count, live, error
        self.closed, self.index = False, -1

    def read(self):
        self.index += 1
        if self.index == self.frame_count:
            if self._error:
                raise self._error
            return None
        if self.live:
            sleep(1 / self.rate)
        return make_frame(self.index, self.index / self.rate)

    def close(self):
        self.closed = True


class FakeEstimator:
    """One hand that stays where it is."""

    def __init__(self, seconds=0.0, error=None, hands=None):
        self.tracing, self.settings = False, {"fov_deg": 60.0, "detector": "fake"}
        self.seen, self.traced, self.resets = [], [], 0
        self._seconds, self._error = seconds, error
        self._hands = (make_hand(),) if hands is None else hands

    def __call__(self, frame):
        self.seen.append(frame)
        if self._error:
            raise self._error
        sleep(self._seconds)
        self.traced.append(self.tracing)
        return make_estimate(self._hands, make_trace() if self.tracing else None)

    def reset(self):
        self.resets += 1

    def beside(self):
        return self

    def reader(self, _image, crops, tracing=False):
        traces = (make_trace(),) * LAYERS if tracing else ()
        return [], [traces for _ in crops]


class FakeScene(QWidget):
    renderer = Signal(str)
    told = Signal(str)

    def __init__(self, *_args):
        super().__init__()
        self.shown, self.states, self.looks = [], [], 0

    def show_result(self, result):
        self.shown.append(result.estimate.hands)
        self.renderer.emit("fake renderer")

    def show_state(self, state):
        self.states.append(state)

    def look_home(self):
        self.looks += 1

    look_front = look_own = look_side = look_top = thicken = thin = look_home


@dataclass(frozen=True)
class FakeOptions:
    device: str = "cpu"
    fov: float = 60.0
    weights: Path | None = None
    compare: Path | None = None
    screenshot: Path | None = None
