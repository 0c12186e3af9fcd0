"""The command that measures what the pipeline does over time."""

from itertools import takewhile
from pathlib import Path

from rich.console import Console

from dfmamba.device import DeviceName, open_device
from dfmamba.temporal.footage import footage_of
from dfmamba.temporal.motion import AWAY, MOVING_SIDES, made_motion, webcam
from dfmamba.temporal.plot import jitter_lag_plot
from dfmamba.temporal.record import Recording, record
from dfmamba.temporal.report import Clip, TemporalReport, tables
from dfmamba.temporal.sweep import (
    IN_USE,
    best,
    compare_bones,
    settings,
    try_setting,
)
from dfmamba.video import video_frames
from dfmamba.weights import open_network


def temporal(
    videos: tuple[Path, ...] = (),
    weights: Path | None = None,
    out: Path = Path("runs/temporal"),
    device: DeviceName = "auto",
) -> TemporalReport:
    """Measure jitter, lag, flips of the side and lost hands, on made and on given videos.

    Args:
        videos: videos of real hands, to be measured too.
        weights: a weights file; the built-in one where it is left out.
        out: where report.json and the plot go.
        device: where the network runs; auto: the GPU if there is one.
    """
    out.mkdir(parents=True, exist_ok=True)
    for path in videos:  # what cannot be read is reported before any work
        next(video_frames(path), None)
    target = open_device(device)
    loaded, console, motion = open_network(weights, target), Console(), made_motion()
    with console.status("reading made hands"):
        rest, moving, away = (
            record(loaded.network, webcam(pictures), target)
            for pictures in (motion.at_rest().frames, motion.frames, motion.leaving())
        )
    clips = {}
    for path in videos:
        with console.status(f"reading {path.name}"):
            whole = (frame for frame in video_frames(path) if not frame.damaged)
            clips[path.name] = record(loaded.network, whole, target)
    footage = footage_of(rest, moving, motion, clips.values())
    tried = [try_setting(setting, footage) for setting in (None, *settings())]
    chosen = best(tried)
    lost_after, found_after = _leaving(away)
    report = TemporalReport(
        weights=loaded.describe(),
        tried=tried,
        best=chosen,
        bones=compare_bones(footage),
        lost_after=lost_after,
        found_after=found_after,
        clips={name: Clip.of(each) for name, each in clips.items()},
    )
    marks = {"in use": IN_USE} | ({"best": chosen} if chosen != IN_USE else {})
    jitter_lag_plot(tried, marks).savefig(out / "jitter_lag.png")
    report.save(out / "report.json")
    console.print(*tables(report))
    return report


def _leaving(recording: Recording) -> tuple[int, int]:
    """Frames for which hands are still shown, and not yet shown, as `TemporalReport` says."""
    gone, back = recording.shown[AWAY : 2 * AWAY], recording.shown[2 * AWAY :]
    lost = sum(1 for _ in takewhile(lambda count: count > 0, gone))
    return lost, sum(1 for _ in takewhile(lambda count: count < len(MOVING_SIDES), back))
