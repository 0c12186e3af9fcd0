"""The figures over time, as tables for a person and JSON for a file."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table

from dfmamba.files import save_json
from dfmamba.temporal.record import Recording
from dfmamba.temporal.sweep import IN_USE, Held, Setting, Tried


@dataclass(frozen=True)
class Clip:
    """How a video's hands were followed."""

    frames: int
    """Of the video."""
    hands: int
    """How many hands came, those seen for a moment too."""
    shown: float
    """The share of the frames with a hand."""
    flips: int
    """Changes of side."""
    gaps: int
    """Frames in which a hand was missed that came again."""

    @classmethod
    def of(cls, recording: Recording) -> "Clip":
        """Figures of a recording."""
        frames = len(recording.shown)
        with_hand = sum(count > 0 for count in recording.shown)
        share = with_hand / max(frames, 1)
        return cls(frames, len(recording.hands), share, recording.flips, recording.gaps)


@dataclass(frozen=True)
class TemporalReport:
    """All figures over time of one network."""

    weights: dict[str, str]
    """Name and SHA-256 of the weights file."""
    tried: Sequence[Tried]
    """Settings of the smoothing, the first of them none."""
    best: Setting
    """The setting of them that is best."""
    bones: dict[str, Held]
    """The made hands in motion, with bones as read and as held."""
    lost_after: int
    """Frames for which a hand is still shown after it left."""
    found_after: int
    """Frames for which a hand is not yet shown after it came."""
    clips: dict[str, Clip]
    """Of the videos, by name."""

    def save(self, path: Path) -> None:
        """Write as JSON."""
        save_json(path, asdict(self))


def tables(report: TemporalReport) -> list[Table]:
    """All of it, for a person."""
    made = [_made_table(report), _bones_table(report)]
    if not report.clips:
        return made
    real = [] if report.tried[0].real is None else [_real_table(report)]
    return [*made, *real, _clips_table(report)]


def _made_table(report: TemporalReport) -> Table:
    heads = ("jitter, px", "mm", "root, mm", "lag, ms", "slow", "error, px")
    rows = [
        (
            f"{each.rest.pixels:.3f}",
            f"{each.rest.shape_mm:.2f}",
            f"{each.rest.root_mm:.2f}",
            f"{each.quick_ms:.0f}",
            f"{each.slow_ms:.0f}",
            f"{each.error_px:.2f}",
        )
        for each in report.tried
    ]
    table = _by_setting(report, heads, rows, "Smoothing of made hands")
    table.caption = "bold: in use; green: the steadiest whose lag on a quick hand is bearable"
    return table


def _real_table(report: TemporalReport) -> Table:
    rows = [
        (
            f"{each.real.pixels:.2f}",
            f"{each.real.shape_mm:.2f}",
            "-" if each.real_ms is None else f"{each.real_ms:.0f}",
        )
        for each in report.tried
        if each.real is not None
    ]
    heads = ("jitter, px", "mm", "lag, ms")
    return _by_setting(report, heads, rows, "Smoothing of real hands, jitter when quiet")


def _by_setting(
    report: TemporalReport, heads: Sequence[str], rows: Sequence[Sequence[str]], title: str
) -> Table:
    table = Table("Hz", "beta", *heads, title=title)
    styles = {IN_USE: "bold", report.best: "bold green"}
    for each, row in zip(report.tried, rows, strict=True):
        name = ("none", "") if each.setting is None else tuple(f"{part:g}" for part in each.setting)
        style = None if each.setting is None else styles.get(each.setting)
        table.add_row(*name, *row, style=style)
    return table


def _bones_table(report: TemporalReport) -> Table:
    heads = ("bones", "MPJPE, best scale", "PA-MPJPE", "jitter at rest")
    table = Table(*heads, title="Bone lengths, made hands in motion, mm")
    for name, held in report.bones.items():
        figures = held.mpjpe_mm, held.pa_mpjpe_mm, held.jitter_mm
        table.add_row(name, *(f"{figure:.2f}" for figure in figures))
    table.caption = (
        f"a hand that leaves is shown for {report.lost_after} frames more, "
        f"one that comes after {report.found_after}"
    )
    return table


def _clips_table(report: TemporalReport) -> Table:
    table = Table("video", "frames", "hands", "with a hand", "flips", "gaps", title="Videos")
    for name, clip in report.clips.items():
        figures = clip.hands, f"{clip.shown:.1%}", clip.flips, clip.gaps
        table.add_row(name, str(clip.frames), *map(str, figures))
    return table
