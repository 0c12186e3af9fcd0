"""What the program remembers from one run to the next, in one JSON file.

A file that is damaged is set aside and told of; it never keeps the program from starting.
"""

import json
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from dfmamba.files import save_json
from dfmamba_live.camera import AS_IT_LIKES, Camera, Mode

UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """What is kept."""

    geometry: str = ""
    """Where the window was, as Qt tells it, in Base64."""
    docks: str = ""
    """Where its panels were, in the same way."""
    recent: tuple[str, ...] = ()
    """Files and folders that were opened, the latest first."""
    camera: Camera | None = None
    """The one that was opened last."""
    mode: Mode = AS_IT_LIKES
    """What it was asked for."""


def settings_file() -> Path:
    """Where the settings are kept."""
    return user_config_path("dfmamba") / "settings.json"


def load() -> tuple[Settings, str | None]:
    """The settings of last time, and a line for people where they could not be read."""
    path = settings_file()
    try:
        return _read(path), None
    except FileNotFoundError:
        return Settings(), None
    except UNREADABLE as error:
        log.debug("settings: %s", error)
        return Settings(), _set_aside(path)


def save(settings: Settings) -> None:
    """Keep the settings; an older file stays until the new one is whole."""
    kept = asdict(settings)
    if settings.camera is not None:
        del kept["camera"]["modes"]
    try:
        save_json(settings_file(), kept)
    except OSError as error:
        log.warning("the settings cannot be kept: %s", error)


def remember_camera(camera: Camera, mode: Mode) -> None:
    """Keep a camera for the next start, and all else as it is."""
    settings, complaint = load()
    if complaint:
        log.warning(complaint)
    save(replace(settings, camera=camera, mode=mode))


def last_camera() -> tuple[Camera, Mode] | None:
    """The camera of last time; None where none was kept or the file is damaged."""
    try:
        settings = _read(settings_file())
    except UNREADABLE as error:
        log.debug("no camera is remembered: %s", error)
        return None
    return (settings.camera, settings.mode) if settings.camera else None


def _read(path: Path) -> Settings:
    """Unknown entries are another version's and let be; a missing one is as at the first start."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    texts = {name: kept.get(name, "") for name in ("geometry", "docks")}
    recent = kept.get("recent", [])
    if not all(isinstance(each, str) for each in (*texts.values(), *recent)):
        raise TypeError("something else than text")
    "".join(texts.values()).encode()  # half a character is no text, for Qt least of all
    camera, mode = kept.get("camera"), kept.get("mode")
    return Settings(
        **texts,
        recent=tuple(each for each in recent if _is_name(each)),
        camera=None if camera is None else _camera(camera),
        mode=AS_IT_LIKES if mode is None else _mode(mode),
    )


def _is_name(text: str) -> bool:
    """Whether Qt can show it and a system knows it: a file's name may be bytes that are no text."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _camera(kept: Any) -> Camera:
    index, name, driver = int(kept["index"]), str(kept["name"]), str(kept["driver"])
    if not 0 <= index < 1000:
        raise ValueError("a number that no camera has")
    (name + driver).encode()
    return Camera(index, name, driver=driver)


def _mode(kept: Any) -> Mode:
    size = None
    if kept["size"] is not None:
        width, height = kept["size"]
        size = int(width), int(height)
    rate = None if kept["rate"] is None else float(kept["rate"])
    if not all(0 < each < 1e5 for each in (*(size or ()), rate or 1)):
        raise ValueError("a mode that no camera has")
    return Mode(size, rate)


def _set_aside(path: Path) -> str:
    aside = path.with_suffix(".broken.json")
    try:
        path.replace(aside)
    except OSError:
        return f"the settings in {path} cannot be read; all is as at the first start"
    return f"the settings were damaged; they are kept as {aside}, and all is as at the first start"
