"""How long work takes: repeated timings within a budget."""

import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median

import torch

WARM_UP = 0.25
"""The share of the time that goes to untimed calls, so that caches and clocks settle."""
LEAST, MOST = 5, 1000
"""The fewest and the most timed calls."""


def durations(
    work: Callable[[], object], device: torch.device, seconds: float = 1.0
) -> list[float]:
    """The time of each of several calls, s, on a GPU the GPU's own; together about `seconds`.

    The calls before them, of which the first may compile for a minute, are not counted in.
    """
    work()
    repeats = int(seconds / _warm_up(work, device, seconds * WARM_UP))
    repeats = min(max(repeats, LEAST), MOST)
    return (_on_gpu if device.type == "cuda" else _on_cpu)(work, repeats)


def median_seconds(work: Callable[[], object], device: torch.device, seconds: float = 1.0) -> float:
    """The median of `durations`, s."""
    return median(durations(work, device, seconds))


def _warm_up(work: Callable[[], object], device: torch.device, seconds: float) -> float:
    """Roughly the time of a call, s."""
    calls, start = 0, _now(device)
    while (spent := _now(device) - start) < seconds or calls == 0:
        work()
        calls += 1
    return spent / calls


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def _on_cpu(work: Callable[[], object], repeats: int) -> list[float]:
    marks = [time.perf_counter()]
    for _ in range(repeats):
        work()
        marks.append(time.perf_counter())
    return [after - before for before, after in pairwise(marks)]


def _on_gpu(work: Callable[[], object], repeats: int) -> list[float]:
    """The GPU is never waited for in between, so it need not wait for Python either."""
    starts, ends = ([_event() for _ in range(repeats)] for _ in range(2))
    for start, end in zip(starts, ends, strict=True):
        start.record()
        work()
        end.record()
    torch.cuda.synchronize()
    return [start.elapsed_time(end) / 1e3 for start, end in zip(starts, ends, strict=True)]


def _event() -> torch.cuda.Event:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
