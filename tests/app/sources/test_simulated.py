from time import perf_counter, sleep

import numpy as np

from dfmamba_live.sources.simulated import Simulated


def test_frames_keep_the_rate():
    source = Simulated(64, 48, rate=200, count=20)
    start = perf_counter()
    found = list(iter(source.read, None))
    assert perf_counter() - start >= 0.09
    assert 0 < len(found) <= 20
    assert found[0].image.shape == (48, 64, 3)
    assert all(each.time_s == each.index / 200 for each in found)


def test_missed_frames_are_dropped():
    source = Simulated(64, 48, rate=100)
    first = source.read()
    sleep(0.1)
    assert source.read().index > first.index + 5
    source.close()
    assert source.read() is None


def test_a_depth_camera_tells_depth_and_intrinsics():
    source = Simulated(64, 48, depth=True)
    frame = source.read()
    source.close()
    assert frame.camera is not None
    assert frame.intrinsics(fov_deg=90) is frame.camera
    on_disc = (frame.image == (224, 172, 140)).all(axis=-1)
    assert set(np.unique(frame.depth.mm[on_disc])) == {500}
    assert set(np.unique(frame.depth.mm[~on_disc])) == {0, 1200}
    assert Simulated(64, 48).read().depth is None
