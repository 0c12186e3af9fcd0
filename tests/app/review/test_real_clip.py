"""Review of a true video of variable rate: every step shows the very frame."""

from fractions import Fraction
from functools import partial

import av
import numpy as np
import pytest
from fake_clip import FakeEstimator
from watcher import Watcher

from dfmamba_live.sources import open_frames

pytestmark = pytest.mark.usefixtures("no_thread_left")

TIMES_MS = (0, 40, 55, 200, 210, 330, 331, 400, 520, 640, 1000, 1040)


@pytest.fixture
def clip(tmp_path):
    """An mp4 with one key frame; frame i is grey of level 20 i."""
    path = tmp_path / "uneven.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1", "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for index, time_ms in enumerate(TIMES_MS):
            image = np.full((48, 64, 3), 20 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("frames_kept", [2, 100])
def test_steps_both_ways_show_the_very_frame(clip, monkeypatch, frames_kept):
    monkeypatch.setattr("dfmamba_live.review.player.FRAME_BYTES", frames_kept * 64 * 48 * 3)

    class Clip:
        open = staticmethod(partial(open_frames, clip))

    seen = Watcher(Clip, FakeEstimator())
    seen.player.start()
    try:
        last = len(TIMES_MS) - 1
        way = [*range(1, last + 1), *range(last - 1, -1, -1), 7, 6, 7, 8, 3, 2, 3]
        for index in way:
            seen.player.step(index - seen.player.transport.index)
            seen.until(lambda index=index: seen.complete(index))
            frame = seen.newest.frame
            assert frame.time_s == pytest.approx(TIMES_MS[index] / 1000, abs=1e-4)
            assert int(np.median(frame.image)) == pytest.approx(20 * index, abs=4)
    finally:
        assert seen.player.close()
