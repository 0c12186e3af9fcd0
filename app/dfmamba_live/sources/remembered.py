"""The camera of last time, in a small file in the person's own settings folder."""

import json
import logging
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from dfmamba_live.sources.camera import WEBCAM, Camera, Mode

log = logging.getLogger(__name__)


def settings_file() -> Path:
    """Where the camera is kept."""
    return user_config_path("dfmamba") / "camera.json"


def remember(camera: Camera, mode: Mode) -> None:
    """Keep a camera for the next start; where that cannot be written, nothing is kept."""
    kept = {
        **{"driver": camera.driver, "index": camera.index, "name": camera.name},
        **{"size": mode.size, "rate": mode.rate},
    }
    path = settings_file()
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(kept))
        part.replace(path)
    except OSError as error:
        log.debug("the camera is not remembered: %s", error)


def recall() -> tuple[Camera, Mode] | None:
    """The camera of last time; None where none was kept or the file is damaged."""
    try:
        return _parse(json.loads(settings_file().read_text()))
    except (OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        log.debug("no camera is remembered: %s", error)
        return None


def _parse(kept: Any) -> tuple[Camera, Mode]:
    index, name = int(kept["index"]), str(kept["name"])
    size = None
    if kept["size"] is not None:
        width, height = kept["size"]
        size = int(width), int(height)
    rate = None if kept["rate"] is None else float(kept["rate"])
    if not 0 <= index < 1000 or not all(0 < each < 1e5 for each in (*(size or ()), rate or 1)):
        raise ValueError("a number that no camera has")
    driver = str(kept.get("driver", WEBCAM))
    return Camera(index, name, driver=driver), Mode(size, rate)
