"""The commands of the window, as data: menus, the toolbar, the keys and the help come from here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QToolBar

LAYERS = 7


@dataclass(frozen=True)
class Command:
    """One thing a person can do.

    callback: the window's method; a switch hands it True or False, a layer its number (0-based).
    """

    menu: str
    text: str
    key: str
    callback: str
    tip: str
    switch: bool = False
    layer: int | None = None
    on_toolbar: bool = False


COMMANDS: tuple[Command, ...] = (
    Command("&File", "Open video…", "Ctrl+O", "open_video", "Play a video file"),
    Command("&File", "Save screenshot", "S", "save_screenshot", "Save this window as a picture"),
    Command("&File", "Quit", "Ctrl+Q", "close", "Close the window"),
    Command(
        "&View", "Pause", "Space", "set_paused", "Hold the picture", switch=True, on_toolbar=True
    ),
    Command(
        "&View", "Mirror", "M", "set_mirrored", "Show the picture as in a mirror; left stays left",
        switch=True, on_toolbar=True,
    ),
    Command("&View", "Reset 3D view", "R", "reset_view", "Look from the camera", on_toolbar=True),
    Command("&View", "Full screen", "F", "set_full_screen", "Fill the screen", switch=True),
    Command(
        "&Scan", "Anchors", "A", "set_anchors", "Dots where the layer's anchors lie",
        switch=True, on_toolbar=True,
    ),
    Command(
        "&Scan", "Offsets", "O", "set_offsets", "Lines from anchors to the places that are read",
        switch=True, on_toolbar=True,
    ),
    *(
        Command(
            "&Scan", f"Layer {n + 1}", str(n + 1), "choose_layer",
            f"Look into deformable layer {n + 1}", layer=n,
        )
        for n in range(LAYERS)
    ),
    Command("&Help", "Keys", "?", "show_help", "All keys on one page", on_toolbar=True),
)  # fmt: skip


def build(window: QMainWindow, panels: Sequence[QAction]) -> dict[str, QAction]:
    """Fill the window's menus and toolbar; the actions by text.

    panels: switches of the window's panels, for the end of the View menu.
    """
    menus: dict[str, list[QAction]] = {}
    actions: dict[str, QAction] = {}
    layers = QActionGroup(window)
    toolbar = QToolBar("Toolbar", window)
    toolbar.setObjectName("toolbar")
    toolbar.setMovable(False)
    for command in COMMANDS:
        action = _action(window, command)
        if command.layer is not None:
            layers.addAction(action)
        if command.on_toolbar:
            toolbar.addAction(action)
        menus.setdefault(command.menu, []).append(action)
        actions[command.text] = action
    menus["&View"] += panels
    for name, entries in menus.items():
        window.menuBar().addMenu(name).addActions(entries)
    window.addToolBar(toolbar)
    return actions


def help_html(commands: Iterable[Command] = COMMANDS) -> str:
    """A table of keys and what they do."""
    rows = "".join(
        f"<tr><td><b>{escape(each.key)}</b></td><td>&nbsp;&nbsp;{escape(each.text)}</td>"
        f"<td>&nbsp;&nbsp;{escape(each.tip)}</td></tr>"
        for each in commands
    )
    return f"<table cellpadding='3' style='white-space: nowrap'>{rows}</table>"


def _action(window: QMainWindow, command: Command) -> QAction:
    action = QAction(command.text, window)
    action.setShortcut(QKeySequence(command.key))
    action.setToolTip(f"{command.tip} ({command.key})")
    callback = getattr(window, command.callback)
    if command.layer is not None:
        action.setCheckable(True)
        action.triggered.connect(lambda: callback(command.layer))
    elif command.switch:
        action.setCheckable(True)
        action.toggled.connect(callback)
    else:
        action.triggered.connect(lambda: callback())
    return action
