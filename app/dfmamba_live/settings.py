"""What the program remembers from one run to the next, in one JSON file.

A file that is damaged is set aside and told of; it never keeps the program from starting.
"""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from dfmamba.files import save_json

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """geometry, docks: where the window and its panels were, as Qt tells it, in Base64.

    recent: files and folders that were opened, the latest first.
    """

    geometry: str = ""
    docks: str = ""
    recent: tuple[str, ...] = ()


def settings_file() -> Path:
    """Where the settings are kept."""
    return user_config_path("dfmamba") / "settings.json"


def load() -> tuple[Settings, str | None]:
    """The settings of last time, and a line for people where they could not be read."""
    path = settings_file()
    try:
        return _parse(json.loads(path.read_text(encoding="utf-8"))), None
    except FileNotFoundError:
        return Settings(), None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        log.debug("settings: %s", error)
        return Settings(), _set_aside(path)


def save(settings: Settings) -> None:
    """Keep the settings; an older file stays until the new one is whole."""
    try:
        save_json(settings_file(), asdict(settings))
    except OSError as error:
        log.warning("the settings cannot be kept: %s", error)


def _parse(kept: Any) -> Settings:
    """Unknown entries are another version's and let be; a missing one is as at the first start."""
    texts = {name: kept.get(name, "") for name in ("geometry", "docks")}
    recent = kept.get("recent", [])
    if not all(isinstance(each, str) for each in (*texts.values(), *recent)):
        raise TypeError("something else than text")
    return Settings(**texts, recent=tuple(recent))


def _set_aside(path: Path) -> str:
    aside = path.with_suffix(".broken.json")
    try:
        path.replace(aside)
    except OSError:
        return f"the settings in {path} cannot be read; all is as at the first start"
    return f"the settings were damaged; they are kept as {aside}, and all is as at the first start"
