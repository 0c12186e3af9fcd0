from time import perf_counter, sleep

from app.sources.simulated import Simulated


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
