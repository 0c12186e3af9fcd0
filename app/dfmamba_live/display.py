"""Whether there is a screen to open a window on."""

import os
import re
import socket
import sys
from pathlib import Path

X_PORT, X_PATIENCE_S = 6000, 3.0
"""Of a display on another machine: its port's first number, and how long it may take to answer."""


def has_display() -> bool:
    """Whether there is a screen to open a window on."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return _wayland_answers() or _x_answers(os.environ.get("DISPLAY", ""))


# Qt would abort the whole program where no server answers.
def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(name) and _socket_answers(str(Path(folder, name)))


def _x_answers(display: str) -> bool:
    parts = re.fullmatch(r"(?:unix)?(.*):(\d+)(\.\d+)?", display)
    if parts is None:
        return False
    host, number = parts[1], int(parts[2])
    if not host:
        path = f"/tmp/.X11-unix/X{number}"
        return _socket_answers(path) or _socket_answers("\0" + path)
    try:  # as ssh -X offers, which a terminal may outlive
        with socket.create_connection((host.strip("[]"), X_PORT + number), X_PATIENCE_S):
            return True
    except (OSError, OverflowError):
        return False


def _socket_answers(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as server:
        return server.connect_ex(address) == 0
