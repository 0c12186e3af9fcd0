from collections import Counter

from PySide6.QtWidgets import QMainWindow, QToolBar

from app.actions import COMMANDS, LAYERS, build, help_html


class Window(QMainWindow):
    """Notes each command that it gets."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def __getattr__(self, name):
        if name not in {command.callback for command in COMMANDS}:
            raise AttributeError(name)
        return lambda *values: self.calls.append((name, *values))


def test_every_command_has_its_own_key():
    assert Counter(command.key for command in COMMANDS).most_common(1)[0][1] == 1


def test_the_window_has_every_callback():
    from app.window import MainWindow

    for command in COMMANDS:
        assert callable(getattr(MainWindow, command.callback))


def test_actions_call_back(qtbot):
    window = Window()
    qtbot.addWidget(window)
    actions = build(window, [])
    actions["Reset 3D view"].trigger()
    actions["Anchors"].trigger()
    actions["Anchors"].trigger()
    actions["Layer 3"].trigger()
    assert window.calls == [
        ("reset_view",),
        ("set_anchors", True),
        ("set_anchors", False),
        ("choose_layer", 2),
    ]


def test_menus_and_toolbar_hold_the_commands(qtbot):
    window = Window()
    qtbot.addWidget(window)
    build(window, [])
    in_menus = [
        entry.text() for menu in window.menuBar().actions() for entry in menu.menu().actions()
    ]
    assert in_menus == [command.text for command in COMMANDS]
    on_toolbar = [entry.text() for entry in window.findChild(QToolBar).actions()]
    assert on_toolbar == [command.text for command in COMMANDS if command.on_toolbar]


def test_the_help_names_every_key():
    page = help_html()
    assert all(f"<b>{command.key}</b>" in page for command in COMMANDS)
    assert f"Layer {LAYERS}" in page
