"""Stand-ins for a clip and an estimator of it: frame i is grey of level i, its hand at 100 + i."""

from collections import Counter

import numpy as np
from fake_parts import HEIGHT, LAYERS, WIDTH, make_estimate, make_hand, make_trace
from manual_clock import Gate

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba.pipeline.reader import Reading


class FakeClip:
    """Counts its reads, which can be held up, see `gate`, or fail."""

    name = "fake"

    def __init__(self, times, broken=(), follows=True):
        self.times_s = np.array(times, float)
        self.gate, self._broken, self.follows = Gate(), broken, follows
        self.reads, self.opened, self.closed = Counter(), 0, 0

    def open(self):
        self.opened += 1
        return self

    def __len__(self):
        return len(self.times_s)

    def read(self, index):
        self.reads[index] += 1
        self.gate.pass_through()
        if index in self._broken:
            raise UserError(f"frame {index} is damaged")
        image = np.full((HEIGHT, WIDTH, 3), index % 256, np.uint8)
        return Frame(image, float(self.times_s[index]), index=index, follows=self.follows)

    def close(self):
        self.closed += 1


class FakeEstimator:
    """Finds one hand; `seen` tells what each run over the clip was given, resets too.

    Its runs share its gate."""

    def __init__(self, confidence=None, gate=None, fails_at=()):
        self.gate, self.confidence, self.fails_at = gate or Gate(), confidence or {}, fails_at
        self.runs, self.seen, self.tracing = [], [], False
        self.settings = {"fov_deg": 60.0, "detector": "fake"}
        self.reader = FakeReader()

    def beside(self):
        self.runs.append(FakeEstimator(self.confidence, self.gate, self.fails_at))
        return self.runs[-1]

    def reset(self):
        self.seen.append("reset")

    def __call__(self, frame):
        index = int(frame.image[0, 0, 0])
        self.seen.append(index if frame.follows else f"{index} alone")
        self.gate.pass_through()
        if index in self.fails_at:
            raise RuntimeError("out of memory")
        hand = make_hand(x=100.0 + index)
        hand.confidence[:] = self.confidence.get(index, 0.9)
        return make_estimate((hand,), make_trace() if self.tracing else None)


class FakeReader:
    """A network on crops: joints in a row, `shift` px and palm units off; counts its calls."""

    def __init__(self, shift=0.0):
        self.shift, self.calls = shift, 0

    def __call__(self, _image, crops, tracing=False):
        self.calls += 1
        row = np.arange(21.0)[:, None]
        joints = row * [1.0, 0, 0] + self.shift * (row > 0) * [0, 1.0, 0]
        reading = Reading(row * [1.0, 0] + self.shift, joints, np.ones(21), 1.0, 1.0)
        traces = (make_trace(),) * LAYERS if tracing else ()
        return [(reading,) for _ in crops], [traces for _ in crops]
