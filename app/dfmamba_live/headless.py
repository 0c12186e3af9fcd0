"""A run without a window: every frame of a source through the estimator, into a file."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dfmamba.frame import Frame
from dfmamba.pipeline import Estimate, HandEstimator
from dfmamba_live.recording import open_export
from dfmamba_live.sources import Source


@dataclass
class Summary:
    """How a run went.

    with_hand, detected: frames with a hand, frames the detector ran on. seconds: the estimator's
    time alone.
    """

    frames: int = 0
    with_hand: int = 0
    detected: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        """One line for people."""
        frames = max(self.frames, 1)
        return (
            f"{self.frames} frames, {self.with_hand} with a hand "
            f"({100 * self.with_hand / frames:.1f}%), "
            f"{1000 * self.seconds / frames:.1f} ms a frame, "
            f"detector in {100 * self.detected / frames:.1f}%"
        )


def run(
    source: Source,
    estimator: HandEstimator,
    model: Mapping[str, str],
    export: Path | None = None,
) -> Summary:
    """Estimate every frame until the source ends and write the export, if one is wanted.

    However the run ends, by Ctrl-C too, what was done so far is written.

    Raises:
        UserError: the source failed, or the export cannot be written.
    """
    summary = Summary()
    settings = {"fov_deg": estimator.fov_deg}
    writer = open_export(export, source, model, settings) if export else None
    with writer or nullcontext(), _progress() as progress:
        task = progress.add_task(source.name, total=source.frame_count)
        while (frame := source.read()) is not None:
            estimate = _estimate(estimator, frame, summary)
            if writer is not None:
                writer.add(frame, estimate.hands)
            progress.update(task, completed=frame.index + 1)  # damaged ones are left out
        progress.update(task, total=source.frame_count, completed=source.frame_count)
    return summary


def _estimate(estimator: HandEstimator, frame: Frame, summary: Summary) -> Estimate:
    start = perf_counter()
    estimate = estimator(frame)
    summary.seconds += perf_counter() - start
    summary.frames += 1
    summary.with_hand += bool(estimate.hands)
    summary.detected += estimate.detected
    return estimate


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))
