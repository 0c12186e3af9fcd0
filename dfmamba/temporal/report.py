"""The figures over time, as tables for a person and JSON for a file."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path

from rich.table import Table

from dfmamba.temporal.record import Recording
from dfmamba.temporal.sweep import IN_USE, Held, Setting, Tried


@dataclass(frozen=True)
class Clip:
    """How a video's hands were followed.

    hands: how many came, those of an instant too. shown: share of the frames with a hand. flips:
    changes of side. gaps: frames in which a hand was missed that came again.
    """

    frames: int
    hands: int
    shown: float
    flips: int
    gaps: int

    @classmethod
    def of(cls, recording: Recording) -> "Clip":
        """Figures of a recording."""
        frames = len(recording.shown)
        with_hand = sum(count > 0 for count in recording.shown)
        share = with_hand / max(frames, 1)
        return cls(frames, len(recording.hands), share, recording.flips, recording.gaps)


@dataclass(frozen=True)
class TemporalReport:
    """weights: name and SHA-256. tried: settings of the smoothing, none first. best: of them.

    bones: the made hands in motion with bones as read and held. lost_after and found_after: frames
    for which a hand is still shown after it left, and not yet shown after it came. clips: by name.
    """

    weights: dict[str, str]
    tried: Sequence[Tried]
    best: Setting
    bones: dict[str, Held]
    lost_after: int
    found_after: int
    clips: dict[str, Clip]

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


def tables(report: TemporalReport) -> list[Table]:
    """All of it, for a person."""
    shown = [_settings_table(report), _bones_table(report)]
    return [*shown, _clips_table(report)] if report.clips else shown


def _settings_table(report: TemporalReport) -> Table:
    heads = ("cut-off, Hz", "beta", "jitter, px", "mm", "root, mm", "lag, ms", "slow", "error, px")
    table = Table(*heads, "real: px", "mm", "lag, ms", title="Smoothing", caption=_CAPTION)
    for each in report.tried:
        setting = each.setting
        name = ("none", "") if setting is None else tuple(f"{part:g}" for part in setting)
        made = _shown(each.rest.pixels, each.rest.shape_mm, each.rest.root_mm)
        lags = f"{each.quick_ms:.0f}", f"{each.slow_ms:.0f}", f"{each.error_px:.2f}"
        real = ("", "") if each.real is None else _shown(each.real.pixels, each.real.shape_mm)
        late = f"{each.real_ms:.0f}" if isfinite(each.real_ms) else ""
        style = {report.best: "bold green", IN_USE: "bold"}.get(setting or Setting(0, 0))
        table.add_row(*name, *made, *lags, *real, late, style=style)
    return table


_CAPTION = "bold: in use; green: the steadiest whose lag on a quick hand is bearable"


def _shown(*values: float) -> tuple[str, ...]:
    return tuple(f"{value:.3f}" for value in values)


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
