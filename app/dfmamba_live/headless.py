"""A run without a window: every frame of a source through the estimator, into a file."""

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dfmamba.errors import UserError, in_one_line
from dfmamba.frame import Frame
from dfmamba.pipeline import Estimate, HandEstimator
from dfmamba_live.attempts import Attempts
from dfmamba_live.recording import open_export
from dfmamba_live.sources import Source

log = logging.getLogger(__name__)


@dataclass
class Summary:
    """How a run went."""

    frames: int = 0
    """Frames that were estimated."""
    with_hand: int = 0
    """Those with a hand."""
    detected: int = 0
    """Those the detector ran on."""
    failed: int = 0
    """Frames that could not be estimated or written, beside those."""
    seconds: float = 0.0
    """The estimator's time alone."""

    def count(self, estimate: Estimate) -> None:
        """One more frame."""
        self.frames += 1
        self.with_hand += bool(estimate.hands)
        self.detected += estimate.detected

    def __str__(self) -> str:
        """One line for people."""
        frames = max(self.frames, 1)
        failed = f", {self.failed} more failed" if self.failed else ""
        return (
            f"{self.frames} frames, {self.with_hand} with a hand "
            f"({100 * self.with_hand / frames:.1f}%), "
            f"{1000 * self.seconds / frames:.1f} ms a frame, "
            f"detector in {100 * self.detected / frames:.1f}%{failed}"
        )


def run(
    source: Source,
    estimator: HandEstimator,
    model: Mapping[str, str],
    export: Path | None = None,
) -> Summary:
    """Estimate every frame until the source ends and write the export, if one is wanted.

    However the run ends, by Ctrl-C too, what was done so far is written. A frame that fails is
    left out, and the log tells why.

    Raises:
        UserError: the source failed, or several frames in a row, or the export cannot be written.
    """
    summary, attempts = Summary(), Attempts("hand estimation", log.warning)
    writer = open_export(export, source, model, estimator.settings) if export else None

    def work(frame: Frame) -> Estimate:
        estimate = _estimate(estimator, frame, summary)
        if writer is not None:
            writer.add(frame, estimate.hands)
        return estimate

    with writer or nullcontext(), _progress() as progress:
        task = progress.add_task(source.name, total=source.frame_count)
        while (frame := _read(source)) is not None:
            estimate = attempts(frame.index, partial(work, frame))
            if estimate is None:
                estimator.reset()
            else:
                summary.count(estimate)
            progress.update(task, completed=frame.index + 1)  # damaged ones are left out
        progress.update(task, total=source.frame_count, completed=source.frame_count)
    summary.failed = attempts.failed
    return summary


def _read(source: Source) -> Frame | None:
    try:
        return source.read()
    except UserError:
        raise
    except Exception as error:
        log.debug("%s failed", source.name, exc_info=True)
        raise UserError(f"{source.name} cannot be read on: {in_one_line(error)}") from error


def _estimate(estimator: HandEstimator, frame: Frame, summary: Summary) -> Estimate:
    start = perf_counter()
    try:
        return estimator(frame)
    finally:
        summary.seconds += perf_counter() - start


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))
