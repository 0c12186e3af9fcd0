"""The commands of the window, as data: menus, the toolbar, the keys and the help come from here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtGui import QAction, QCursor, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QToolButton

from dfmamba_live.state import LAYERS, Changes, Store, ViewState

if TYPE_CHECKING:
    from dfmamba_live.controllers.cameras import Cameras
    from dfmamba_live.controllers.capture import Capture
    from dfmamba_live.controllers.exporter import Exporter
    from dfmamba_live.controllers.opening import Files
    from dfmamba_live.controllers.playback import Playback
    from dfmamba_live.views.scan.panel import ScanView
    from dfmamba_live.views.scene.widget import SceneWidget


class Window(Protocol):
    """What commands ask of the window itself."""

    def show_help(self) -> None:
        """Show all keys."""

    def show_about(self) -> None:
        """Show what the program is made of."""

    def close(self) -> bool:
        """Close it."""


@dataclass(frozen=True)
class Owners:
    """The objects that commands call."""

    window: Window
    files: "Files"
    cameras: "Cameras"
    capture: "Capture"
    exporter: "Exporter"
    playback: "Playback"
    scene: "SceneWidget"
    scan: "ScanView"


@dataclass(frozen=True)
class Command:
    """One thing a person can do. It has one of `does`, `sets` and `opens`."""

    menu: str
    """The menu that it is in."""
    text: str
    """Its name there."""
    key: str
    """The key that calls it."""
    tip: str
    """What it does, in a line."""
    does: Callable[[Owners], object] | None = None
    """What it calls."""
    sets: Changes | None = None
    """What it sets of the state: fields that are True are switched on and off."""
    opens: Callable[[Owners], QMenu] | None = None
    """A menu that fills itself."""
    on_toolbar: bool = False
    """Whether it is on the toolbar too."""


COMMANDS: tuple[Command, ...] = (
    Command("&File", "Camera", "C", "Choose a camera, its resolution and rate",
            opens=lambda own: own.cameras.menu, on_toolbar=True),
    Command("&File", "Open file…", "Ctrl+O", "Play a video or a picture",
            does=lambda own: own.files.open_file()),
    Command("&File", "Open folder…", "Ctrl+Shift+O", "Play a folder of pictures, or a recording",
            does=lambda own: own.files.open_folder()),
    Command("&File", "Open recent", "Ctrl+R", "What was opened last",
            opens=lambda own: own.files.recent_menu),
    Command("&File", "Record", "R", "Keep frames, times and hands in a folder, to play it again",
            sets={"recording": True}, on_toolbar=True),
    Command("&File", "Snapshot", "S", "Save this frame with its hands",
            does=lambda own: own.capture.take_snapshot(), on_toolbar=True),
    Command("&File", "Export hands…", "Ctrl+E", "Write the hands of the whole file",
            does=lambda own: own.exporter.ask()),
    Command("&File", "Quit", "Ctrl+Q", "Close the window", does=lambda own: own.window.close()),
    Command("&Play", "Pause", "Space", "Hold the picture", sets={"paused": True}, on_toolbar=True),
    Command("&Play", "Step back", ",", "The frame before",
            does=lambda own: own.playback.step_back()),
    Command("&Play", "Step on", ".", "The next frame", does=lambda own: own.playback.step_on()),
    Command("&Play", "First frame", "Ctrl+Home", "To the start",
            does=lambda own: own.playback.go_to_first()),
    Command("&Play", "Last frame", "Ctrl+End", "To the end",
            does=lambda own: own.playback.go_to_last()),
    Command("&Play", "Slower", "<", "The next lower speed", does=lambda own: own.playback.slower()),
    Command("&Play", "Faster", ">", "The next higher speed",
            does=lambda own: own.playback.faster()),
    Command("&Play", "Loop", "L", "Start again at the end, or stop there",
            does=lambda own: own.playback.toggle_looping()),
    Command("&Play", "Loop from here", "[", "Let the loop start here (A)",
            does=lambda own: own.playback.loop_from_here()),
    Command("&Play", "Loop to here", "]", "Let the loop end here (B)",
            does=lambda own: own.playback.loop_to_here()),
    Command("&Play", "Clear the loop", "Shift+L", "Loop over the whole file",
            does=lambda own: own.playback.clear_loop()),
    Command("&Play", "Next low confidence", "N",
            "The next frame with a hand of mean confidence under 0.5",
            does=lambda own: own.playback.next_low()),
    Command("&Play", "Previous low confidence", "Shift+N",
            "The frame before with a hand of mean confidence under 0.5",
            does=lambda own: own.playback.previous_low()),
    Command("&Play", "Compare with weights…", "W",
            "The same hands by other weights, as a ghost, and how far off they are",
            does=lambda own: own.playback.choose_other_weights()),
    Command("&Play", "Stop comparing", "Shift+W", "Show one network alone",
            does=lambda own: own.playback.stop_comparing()),
    Command("&View", "Mirror", "M", "Show the picture as in a mirror; left stays left",
            sets={"mirrored": True}, on_toolbar=True),
    Command("&View", "Raw joints", "G", "The joints before smoothing, as a white ghost",
            sets={"ghost": True}),
    Command("&View", "Full screen", "F", "Fill the screen", sets={"full_screen": True}),
    Command("&Scan", "Anchors", "A", "The grid of the layer's anchors", sets={"anchors": True},
            on_toolbar=True),
    Command("&Scan", "Offsets", "O", "Arrows from the anchors to the places that are read",
            sets={"offsets": True}, on_toolbar=True),
    Command("&Scan", "All tokens", "E", "Of every token the place that counts most, or the chosen "
            "anchor; else of the tokens under wrist and fingertips all", sets={"all_tokens": True}),
    Command("&Scan", "Heat map", "V", "Offset, dt, weight, none in turn, as colours",
            does=lambda own: own.scan.next_heat()),
    Command("&Scan", "Scan order", "P", "Play the order in which the tokens are scanned",
            sets={"order": True}),
    *(
        Command("&Scan", f"Layer {n + 1}", str(n + 1), f"Look into deformable layer {n + 1}",
                sets={"layer": n})
        for n in range(LAYERS)
    ),
    Command("&3D", "Home view", "Home", "The hands from beside, as at the start",
            does=lambda own: own.scene.look_home(), on_toolbar=True),
    Command("&3D", "Front view", "Z", "Along the z axis, as the camera sees",
            does=lambda own: own.scene.look_front()),
    Command("&3D", "Own view", "Shift+Z", "Against the z axis, as you see your own hands",
            does=lambda own: own.scene.look_own()),
    Command("&3D", "Side view", "X", "Along the x axis; the camera is on the left",
            does=lambda own: own.scene.look_side()),
    Command("&3D", "Top view", "Y", "Along the y axis; the camera is at the bottom",
            does=lambda own: own.scene.look_top()),
    Command("&3D", "Follow hands", "H", "Keep the hands in the middle", sets={"following": True}),
    Command("&3D", "Trails", "T", "The paths of the fingertips in the last second",
            sets={"trails": True}),
    Command("&3D", "Thicker bones", "Shift+Up", "Draw the hands thicker",
            does=lambda own: own.scene.thicken()),
    Command("&3D", "Thinner bones", "Shift+Down", "Draw the hands thinner",
            does=lambda own: own.scene.thin()),
    Command("&Help", "Keys", "?", "All keys on one page", does=lambda own: own.window.show_help(),
            on_toolbar=True),
    Command("&Help", "About", "F1", "What the program is made of, and the licences",
            does=lambda own: own.window.show_about()),
)  # fmt: skip


def build(
    window: QMainWindow, store: Store, owners: Owners, panels: Sequence[QAction]
) -> dict[str, QAction]:
    """Fill the window's menus and toolbar; the actions by text.

    panels: switches of the window's panels, for the end of the View menu.
    """
    menus: dict[str, list[QAction]] = {}
    actions: dict[str, QAction] = {}
    toolbar = QToolBar("Toolbar", window)
    toolbar.setObjectName("toolbar")
    toolbar.setMovable(False)
    for command in COMMANDS:
        action = _action(window, command, store, owners)
        if command.on_toolbar:
            _put_on(toolbar, action)
        menus.setdefault(command.menu, []).append(action)
        actions[command.text] = action
    menus["&View"] += panels
    for name, entries in menus.items():
        window.menuBar().addMenu(name).addActions(entries)
    window.addToolBar(toolbar)
    return actions


def help_html(commands: Sequence[Command] = COMMANDS) -> str:
    """Keys and what they do, menu by menu, in two columns."""
    menus: dict[str, list[Command]] = {}
    for command in commands:
        menus.setdefault(command.menu, []).append(command)
    columns: list[list[str]] = [[], []]
    for menu, entries in menus.items():
        # Each menu goes under the shorter column, and counts its title as two lines.
        rows = [f"<tr><td colspan='3'><h4>{escape(menu.replace('&', ''))}</h4></td></tr>", ""]
        min(columns, key=len).extend(rows + [_help_row(each) for each in entries])
    cells = "".join(f"<td><table cellpadding='2'>{''.join(rows)}</table></td>" for rows in columns)
    return f"<table cellpadding='10' style='white-space: nowrap'><tr>{cells}</tr></table>"


def _help_row(command: Command) -> str:
    return (
        f"<tr><td><b>{escape(command.key)}</b></td><td>&nbsp;{escape(command.text)}</td>"
        f"<td>&nbsp;{escape(command.tip)}</td></tr>"
    )


def _action(window: QMainWindow, command: Command, store: Store, owners: Owners) -> QAction:
    if command.opens is not None:
        menu = command.opens(owners)
        action = menu.menuAction()
        action.triggered.connect(lambda: menu.popup(QCursor.pos()))  # by its key
    else:
        action = QAction(window)
        if command.sets is not None:
            _bind(action, command.sets, store)
        elif (does := command.does) is not None:
            action.triggered.connect(lambda: does(owners))
    action.setText(command.text)
    action.setShortcut(QKeySequence(command.key))
    action.setToolTip(f"{command.tip} ({command.key})")
    return action


def _put_on(toolbar: QToolBar, action: QAction) -> None:
    toolbar.addAction(action)
    button = toolbar.widgetForAction(action)
    if action.menu() and isinstance(button, QToolButton):
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)


def _bind(action: QAction, changes: Changes, store: Store) -> None:
    """Let an action make its changes, and its check mark follow the state."""
    action.setCheckable(True)

    def show(state: ViewState) -> None:
        action.setChecked(all(getattr(state, name) == value for name, value in changes.items()))

    def apply(checked: bool) -> None:
        switched = {name: checked if value is True else value for name, value in changes.items()}
        store.change(**cast(Changes, switched))
        show(store.state)  # clicked again, a chosen value stays chosen

    action.triggered.connect(apply)
    store.changed.connect(show)
    show(store.state)
