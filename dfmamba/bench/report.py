"""A table of figures, on the screen and in a file, that several calls can fill together."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dfmamba.device import chip_name
from dfmamba.errors import UserError
from dfmamba.files import save_json

WIDE = 200
"""Characters a line may have where no terminal says how many it shows."""


@dataclass
class Report:
    """Figures in rows and columns, and what they were measured on; each change goes to the file.

    path: the JSON file. title: what the figures are, with their unit. columns: all that there can
    be, in order; a table leaves out those without a figure. setting: what must be the same for
    figures to stand in one table, the machine and the versions among it. rows: name to column to
    figure. baseline: the row to which the others are compared, in the columns `compared`. missing:
    row to column to the reason why there is no figure. notes: what else to know. date: of the
    latest figure, UTC.
    """

    path: Path
    title: str
    columns: Sequence[str]
    setting: dict[str, str]
    baseline: str | None = None
    compared: Sequence[str] = ()
    notes: Sequence[str] = ()
    rows: dict[str, dict[str, float | str]] = field(default_factory=dict)
    missing: dict[str, dict[str, str]] = field(default_factory=dict)
    date: str = ""

    def __post_init__(self) -> None:
        """Go on from the file, if there is one.

        Raises:
            UserError: its figures were measured in another setting, or it is another file.
        """
        if not self.path.is_file():
            return
        try:
            found = json.loads(self.path.read_text())
            other = dict(found["setting"].items() - self.setting.items())
            self.rows, self.missing, self.date = found["rows"], found["missing"], found["date"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            told = f"{self.path} holds no figures of this program"
            raise UserError(f"{told}; move it away, or give another --out") from error
        if other:
            raise UserError(
                f"{self.path} was measured with {_listed(other)}; this call needs another --out"
            )

    def put(self, row: str, column: str, figure: float | str) -> None:
        """Fill a cell, whatever was there before."""
        self.rows.setdefault(row, {})[column] = figure
        self.missing.get(row, {}).pop(column, None)
        self._save()

    def miss(self, row: str, column: str, reason: str) -> None:
        """Say why a cell has no figure."""
        self.rows.setdefault(row, {}).pop(column, None)
        self.missing.setdefault(row, {})[column] = reason
        self._save()

    def sort(self, order: Sequence[str]) -> None:
        """Put the rows in the order of their names in `order`."""
        self.rows = {row: self.rows[row] for row in order if row in self.rows}
        self._save()

    @property
    def ratios(self) -> dict[str, dict[str, float]]:
        """Row to column to the figure over that of the baseline, where there are both."""
        base = self.rows.get(self.baseline or "", {})
        return {
            row: {
                column: float(figures[column]) / float(base[column])
                for column in self.compared
                if column in figures and column in base
            }
            for row, figures in self.rows.items()
        }

    def _save(self) -> None:
        self.date = datetime.now(UTC).isoformat(timespec="seconds")
        content: dict[str, Any] = asdict(self) | {"ratios": self.ratios}
        del content["path"]
        save_json(self.path, content)

    def table(self) -> Table:
        """The table for a person, each ratio under its figure."""
        filled = set[str]().union(*self.rows.values(), *self.missing.values())
        columns = [column for column in self.columns if column in filled]
        table = Table("")
        for column in columns:
            table.add_column(column, justify="right")
        ratios = self.ratios
        for row, figures in self.rows.items():
            cells = (_cell(figures.get(each), ratios[row].get(each)) for each in columns)
            table.add_row(row, *cells)
        return table

    def show(self) -> None:
        """Print everything, and where its file is."""
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = WIDE
        console.print(f"[bold]{escape(self.title)}", self.table(), sep="\n")
        reasons = [
            f"{row}, {column}: {reason}"
            for row, columns in self.missing.items()
            for column, reason in columns.items()
        ]
        measured = f"{_listed(self.setting)}, {self.date}"
        for line in (measured, *self.notes, *reasons, f"written to {self.path}"):
            console.print(escape(line))


def setting(device: torch.device, **more: object) -> dict[str, str]:
    """The machine, the versions of what the figures depend on, and `more`, for a `Report`."""
    versions = {name: package_version(name) for name in ("torch", "triton")}
    rest = {name: str(value) for name, value in more.items()}
    return {"machine": _machine(device), "python": platform.python_version(), **versions, **rest}


def package_version(package: str) -> str:
    """The installed version, or none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _machine(device: torch.device) -> str:
    threads = "" if device.type == "cuda" else f", {torch.get_num_threads()} threads"
    return chip_name(device) + threads


def _listed(setting: dict[str, str]) -> str:
    return ", ".join(
        value if name == "machine" else f"{name} {value}" for name, value in setting.items()
    )


def _cell(figure: float | str | None, ratio: float | None) -> str:
    if figure is None:
        return "-"
    text = figure if isinstance(figure, str) else _number(figure)
    return text if ratio is None else f"{text}\n{ratio:.2f} x"


def _number(figure: float) -> str:
    """Three digits, or all before the point."""
    return f"{figure:.0f}" if abs(figure) >= 100 else f"{figure:.3g}"
