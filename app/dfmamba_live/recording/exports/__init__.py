"""The hands of a source in a file, in the format that its name ends in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dfmamba.errors import UserError
from dfmamba_live.recording.exports.as_csv import CsvExport
from dfmamba_live.recording.exports.as_json import JsonExport
from dfmamba_live.recording.exports.as_npz import NpzExport
from dfmamba_live.recording.exports.as_rerun import RerunExport
from dfmamba_live.recording.exports.as_video import VideoExport
from dfmamba_live.recording.exports.base import Export
from dfmamba_live.sources import Source

FORMATS: dict[str, type[Export]] = {
    ".json": JsonExport,
    ".csv": CsvExport,
    ".npz": NpzExport,
    ".mp4": VideoExport,
    ".rrd": RerunExport,
}
"""By suffix, in lower case."""


def open_export(
    path: Path, source: Source, model: Mapping[str, str], settings: Mapping[str, Any] | None = None
) -> Export:
    """Begin an export; `add` its frames, and `close` it, whatever happens.

    model: name and SHA-256 of the weights. settings: whatever the results depend on.

    Raises:
        UserError: there is no such format, or the file cannot be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"{path} does not end in {' or '.join(FORMATS)}; give a name that does")
    return FORMATS[path.suffix.lower()](path, source, model, settings or {})


__all__ = ["FORMATS", "Export", "open_export"]
