"""The figures of one evaluation, as tables for a person and JSON for a file."""

import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from importlib.metadata import version
from io import StringIO
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from dfmamba.device import chip_name
from dfmamba.evaluate.agreement_2d import Agreement
from dfmamba.evaluate.agreement_3d import SpaceAgreement, Spread
from dfmamba.evaluate.breakdown import Group, fairness
from dfmamba.evaluate.depth import SkinDistance
from dfmamba.evaluate.found import FoundFigures
from dfmamba.evaluate.heads import Heads
from dfmamba.evaluate.reliability import Reliability
from dfmamba.evaluate.synthetic import SyntheticFigures
from dfmamba.files import save_json
from dfmamba.hand import JOINTS

TEACHER_NOTE = "distance to MediaPipe's joints, which are not the truth"
SPACE_NOTE = (
    "MediaPipe's joints in space are rough: where true ones are known, some 23 mm off at the best"
    " scale, 11 mm after Procrustes alignment"
)
SKIN_NOTE = "shaded, as there are no photographs of them; joints lie some 5 to 15 mm under the skin"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was measured, by set of pictures: one measurement fills in its own."""

    synthetic: dict[str, SyntheticFigures] = field(default_factory=dict)
    """Held-out made hands by read-out, the usual one first; all else is of that one."""
    groups: dict[str, dict[str, Group]] = field(default_factory=dict)
    """Errors on made hands by what the pictures show."""
    reliability: dict[str, Reliability] = field(default_factory=dict)
    """Whether confidence means what it says, for "synthetic" and each set of photographs."""
    real: dict[str, Agreement] = field(default_factory=dict)
    """Agreement in the image for each set of photographs, never mixed."""
    space: dict[str, SpaceAgreement] = field(default_factory=dict)
    """Agreement in 3D for each set of photographs."""
    heads: dict[str, Heads] = field(default_factory=dict)
    """What is taken for a hand, and of which side, for each set of photographs."""
    skin: dict[str, SkinDistance] = field(default_factory=dict)
    """Of the network and of MediaPipe, on hands that a depth camera has measured."""
    found: dict[str, FoundFigures] = field(default_factory=dict)
    """Of the network and of MediaPipe, on real pictures marked by eye."""

    def add(self, other: "Figures") -> None:
        """Take over what another measurement has filled in."""
        for each in fields(Figures):
            getattr(self, each.name).update(getattr(other, each.name))


@dataclass(frozen=True, kw_only=True)
class Report(Figures):
    """All figures of one network, and what they were measured with."""

    weights: dict[str, str]
    """Name and SHA-256 of the weights file."""
    machine: dict[str, str]
    """What the figures were measured on, as `machine` says."""
    versions: dict[str, str]
    """Versions of what the figures depend on."""
    real_note: str = TEACHER_NOTE
    """How `real` is to be read."""
    space_note: str = SPACE_NOTE
    """How `space` is to be read."""
    date: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    """ISO 8601, UTC."""

    def save(self, path: Path) -> None:
        """Write as JSON; shares are 0 to 1, lengths as the names say."""
        save_json(path, asdict(self))


def machine(device: torch.device) -> dict[str, str]:
    """What the figures were measured on."""
    return {"system": platform.platform(), "device": f"{device.type} ({chip_name(device)})"}


def versions() -> dict[str, str]:
    """Versions of what the figures depend on."""
    packages = {name: version(name) for name in ("torch", "numpy")}
    return {"python": platform.python_version(), **packages}


def tables(report: Report) -> list[Table]:
    """Tables for synthetic hands and, where photographs were given, for real ones."""
    shown = [
        _synthetic_table(report.synthetic),
        _group_table(report.groups),
        _joint_table(next(iter(report.synthetic.values())).per_joint_mm, report.real),
    ]
    if report.real:
        shown += [_real_table(report.real), _space_table(report.space), _heads_table(report.heads)]
    shown += [_skin_table(report.skin)] if report.skin else []
    return [*shown, _found_table(report.found)] if report.found else shown


def save_page(report: Report, pictures: Sequence[Path], path: Path) -> None:
    """Write an HTML page of the tables, with links to pictures that lie beside it."""
    console = Console(record=True, width=110, file=StringIO())
    console.print(f"{report.weights['name']}, {report.date}, {report.machine['device']}")
    console.print(*tables(report))
    images = "".join(
        f'<h2>{each.stem.replace("_", " ")}</h2><img src="{each.name}" style="max-width:100%">'
        for each in pictures
    )
    page = console.export_html(clear=False).replace("</body>", f"{images}</body>")
    path.write_text(page, encoding="utf-8")


def _synthetic_table(figures: dict[str, SyntheticFigures]) -> Table:
    heads = [f"{method} read-out" for method in figures]
    count = next(iter(figures.values())).pictures
    table = Table("figure", *heads, title=f"{count} held-out synthetic hands")
    columns = [_shown(found) for found in figures.values()]
    for name in columns[0]:
        table.add_row(name, *(column[name] for column in columns))
    return table


def _shown(figures: SyntheticFigures) -> dict[str, str]:
    return {
        "MPJPE, true palm length": f"{figures.mpjpe_mm:.2f} mm",
        "MPJPE, assumed palm length": f"{figures.mpjpe_assumed_palm_mm:.2f} mm",
        "MPJPE, best scale": f"{figures.best_scaled_mpjpe_mm:.2f} mm",
        "PA-MPJPE": f"{figures.pa_mpjpe_mm:.2f} mm",
        "AUC 0-50 mm": f"{figures.auc_0_50:.2%}",
        "AUC 20-50 mm, palm-scaled": f"{figures.auc_20_50_palm_scaled:.2%}",
        "2D error": f"{figures.mean_px:.2f} px",
        "2D error, visible joints": f"{figures.mean_px_visible:.2f} px",
        "2D error / hand box": f"{figures.box_share:.2%}",
    }


def _group_table(groups: dict[str, dict[str, Group]]) -> Table:
    table = Table("kind", "", "hands", "MPJPE", "PA-MPJPE", "2D / box", title="By what is shown")
    for name, kinds in groups.items():
        for row, (kind, found) in enumerate(kinds.items()):
            errors = f"{found.mpjpe_mm:.1f} mm", f"{found.pa_mpjpe_mm:.1f} mm"
            first = "" if row else name
            table.add_row(first, kind, str(found.hands), *errors, f"{found.box_share:.1%}")
        table.add_section()
    if len(groups["skin"]) > 1:
        table.caption = f"darkest against lightest third: {fairness(groups['skin']):+.1%} MPJPE"
    return table


def _joint_table(synthetic_mm: Iterable[float], real: dict[str, Agreement]) -> Table:
    heads = (f"{name}, / box" for name in real)
    table = Table("joint", "synthetic, mm", *heads, title="By joint")
    shares = zip(*(found.per_joint for found in real.values()), strict=True) if real else [()] * 21
    for joint, error, row in zip(JOINTS, synthetic_mm, shares, strict=True):
        table.add_row(joint, f"{error:.1f}", *(_percent(share) for share in row))
    return table


def _real_table(real: dict[str, Agreement]) -> Table:
    heads = ("photographs", "hands", "mean", "median", "90%", "hands under 10%")
    table = Table(*heads, title="Share of the hand box's side", caption=TEACHER_NOTE)
    for name, found in real.items():
        shares = (found.mean, found.median, found.p90, found.under_10)
        table.add_row(name, str(found.hands), *(f"{share:.1%}" for share in shares))
    return table


def _space_table(space: dict[str, SpaceAgreement]) -> Table:
    heads = ("photographs", "best scale", "PA", "palm width / length", "MediaPipe's")
    table = Table(*heads, title="Photographs in 3D", caption=SPACE_NOTE)
    for name, found in space.items():
        errors = f"{found.best_scaled_mm:.1f} mm", f"{found.pa_mm:.1f} mm"
        widths = _range(found.palm_width), _range(found.teacher_palm_width)
        table.add_row(name, *errors, *widths)
    return table


def _range(values: Spread) -> str:
    return f"{values.median:.2f} ({values.p10:.2f} to {values.p90:.2f})"


def _skin_table(skin: dict[str, SkinDistance]) -> Table:
    hands = next(iter(skin.values())).hands
    title = f"{hands} pictures of hands that a depth camera measured"
    table = Table("joints to skin", "best scale", "PA", title=title, caption=SKIN_NOTE)
    for name, found in skin.items():
        table.add_row(name, f"{found.best_scaled_mm:.1f} mm", f"{found.pa_mm:.1f} mm")
    return table


def _found_table(found: dict[str, FoundFigures]) -> Table:
    first = next(iter(found.values()))
    kinds = [kind for kind, each in first.kinds.items() if each.hands]
    title = "Real hands marked by eye: shown; shown and of the right side"
    columns = (f"{kind} ({first.kinds[kind].hands})" for kind in kinds)
    table = Table("", *columns, "boxes on no hand", title=title)
    for name, each in found.items():
        shares = (f"{each.kinds[kind].recall:.1%}; {each.kinds[kind].right:.1%}" for kind in kinds)
        table.add_row(name, *shares, f"{each.ghosts} of {each.shown}")
    return table


def _heads_table(heads: dict[str, Heads]) -> Table:
    columns = (
        "photographs",
        "hands",
        "taken for one",
        "side right",
        "parts without",
        "taken for one",
    )
    table = Table(*columns, title="Presence, and side, mirrored too")
    for name, found in heads.items():
        shares = f"{found.found:.1%}", f"{found.sided:.1%}"
        table.add_row(name, str(found.hands), *shares, str(found.parts), _percent(found.mistaken))
    return table


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
