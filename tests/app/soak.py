"""The window on a clip without end: does it stay as quick and as small?"""

import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter, sleep

import numpy as np
import psutil
import tyro
from PySide6.QtCore import QTimer
from rich.console import Console
from rich.table import Table

from dfmamba.console import exit_codes
from dfmamba.errors import UserError, check_above_zero
from dfmamba.files import save_json
from dfmamba.frame import Frame
from dfmamba_live.desktop import open_window
from dfmamba_live.options import Options, check, make_estimator, open_weights
from dfmamba_live.result import Result
from dfmamba_live.sources import DEMO, Kind, Source, open_path
from dfmamba_live.window import MainWindow

WARM_UP = 0.2
"""Share of the run in which caches fill; the slope is taken from the rest."""
MEBI = 2**20


@dataclass(frozen=True)
class Sample:
    """How the program was at a time: minutes since its start, MiB of memory with its children."""

    minutes: float
    memory_mib: float
    frames_per_s: float
    latency_ms: float
    threads: int


class LoopedCamera:
    """A video played over and over as a camera would, dropping what nobody took."""

    kind: Kind = "simulated"
    live = True
    path: Path | None = None
    frame_count: int | None = None

    def __init__(self, video: Path) -> None:
        self.name = f"{video.name}, as from a camera"
        self._video = video
        self._source = open_path(video)
        self.rate = self._source.rate
        self._index, self._start = -1, perf_counter()

    def read(self) -> Frame | None:
        """The newest frame, once its time has come."""
        due = int((perf_counter() - self._start) * self.rate)
        frame = self._next()
        while self._index < due:
            frame = self._next()
        time_s = self._index / self.rate
        sleep(max(0.0, self._start + time_s - perf_counter()))
        return replace(frame, index=self._index, time_s=time_s, captured=perf_counter())

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    def _next(self) -> Frame:
        self._index += 1
        frame = self._source.read()
        if frame is None:
            self._source.close()
            self._source = open_path(self._video)
            frame = self._source.read()
        if frame is None:
            raise UserError(f"{self._video} holds no frame; give another video")
        return frame


class Watch:
    """Takes a sample of a window every few seconds."""

    def __init__(self, window: MainWindow, every_s: float) -> None:
        self.samples: list[Sample] = []
        self._process = psutil.Process()
        self._start = self._last = perf_counter()
        self._latencies: list[float] = []
        window.session.result.connect(self._count)
        self._timer = QTimer(interval=round(1000 * every_s))
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def stop(self) -> None:
        """Take no more samples: while the window closes they would tell of something else."""
        self._timer.stop()

    def _count(self, result: Result) -> None:
        self._latencies.append(1000 * (perf_counter() - result.frame.captured))

    def _look(self) -> None:
        now = perf_counter()
        family = [self._process, *self._process.children(recursive=True)]
        memory = sum(_memory(each) for each in family)
        self.samples.append(
            Sample(
                minutes=(now - self._start) / 60,
                memory_mib=memory / MEBI,
                frames_per_s=len(self._latencies) / (now - self._last),
                latency_ms=float(np.median(self._latencies)) if self._latencies else np.nan,
                threads=self._process.num_threads(),
            )
        )
        self._last, self._latencies = now, []


def soak(
    minutes: float = 30.0,
    video: Path = DEMO,
    review: bool = False,
    every_s: float = 30.0,
    out: Path = Path("runs/soak.json"),
) -> None:
    """Play a clip without end in the window, everything on, and watch memory, rate and threads.

    Args:
        minutes: how long.
        video: the clip.
        review: go through it as a file, looped, and not as a camera's picture.
        every_s: seconds between two samples.
        out: where all samples go.
    """
    check_above_zero(minutes=minutes, every_s=every_s)
    if 60 * minutes < 4 * every_s:
        raise UserError("too few samples to tell a slope; give more --minutes")
    out.parent.mkdir(parents=True, exist_ok=True)  # what is in the way is told before any work
    check(Options(video=video))
    options = Options(video=video)
    loaded = open_weights(options)
    before = set(threading.enumerate())
    estimator = make_estimator(options, loaded)
    source: Source = open_path(video) if review else LoopedCamera(video)
    application, window = open_window(loaded, source, estimator)
    window.store.change(anchors=True, offsets=True)
    window.show()
    watch = Watch(window, every_s)
    QTimer.singleShot(round(60_000 * minutes), watch.stop)
    QTimer.singleShot(round(60_000 * minutes), window.close)
    application.exec()
    estimator.close()
    left = [each.name for each in threading.enumerate() if each not in before]
    window.deleteLater()
    _report(watch.samples, left, out, Console())


def _report(samples: list[Sample], left: list[str], out: Path, console: Console) -> None:
    table = Table("minute", "MiB", "frames/s", "latency, ms", "threads")
    for each in samples[:: max(len(samples) // 15, 1)]:
        table.add_row(
            f"{each.minutes:.1f}",
            f"{each.memory_mib:.0f}",
            f"{each.frames_per_s:.1f}",
            f"{each.latency_ms:.0f}",
            f"{each.threads}",
        )
    console.print(table)
    warm = samples[int(WARM_UP * len(samples)) :]
    figures = {
        "memory_slope_mib_per_minute": slope(warm, lambda each: each.memory_mib),
        "rate_slope_fps_per_minute": slope(warm, lambda each: each.frames_per_s),
        "threads_left": left,
    }
    console.print(figures)
    save_json(out, figures | {"samples": [asdict(each) for each in samples]})


def slope(samples: list[Sample], value: Callable[[Sample], float]) -> float:
    """The change a minute of a straight line through the samples."""
    if len(samples) < 2:
        raise UserError("too few samples to tell a slope; give more --minutes")
    return float(np.polyfit([s.minutes for s in samples], [value(s) for s in samples], 1)[0])


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:  # a child that has ended since it was listed
        return 0


@exit_codes
def main() -> int:
    """Run the command; returns the exit code."""
    tyro.cli(soak, prog="python tests/app/soak.py")
    return 0


if __name__ == "__main__":
    sys.exit(main())
