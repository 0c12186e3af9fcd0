from collections import Counter
from html import escape

import pytest
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from dfmamba_live.actions import COMMANDS, LAYERS, build, help_html
from dfmamba_live.state import Store


class Owner:
    """Notes each command that it gets."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda: self.calls.append(name)


@pytest.fixture
def made(qtbot):
    window, store, owner = QMainWindow(), Store(), Owner()
    qtbot.addWidget(window)
    owners = {(each.does or each.opens).split(".")[0]: owner for each in COMMANDS}
    for command in COMMANDS:
        if command.opens:
            setattr(owner, command.opens.split(".")[1], QMenu(window))
    return window, store, owner, build(window, store, owners, [])


def test_every_command_has_its_own_key():
    assert Counter(command.key for command in COMMANDS).most_common(1)[0][1] == 1


def test_a_command_calls_its_owner(made):
    _, _, owner, actions = made
    actions["Home view"].trigger()
    actions["Keys"].trigger()
    assert owner.calls == ["look_home", "show_help"]


@pytest.mark.parametrize(
    "command", [each for each in COMMANDS if each.sets], ids=lambda command: command.text
)
def test_a_command_sets_its_field_and_shows_it(made, command):
    _, store, _, actions = made
    action = actions[command.text]
    store.change(**{command.sets: 6 - (command.value or 0) if command.sets == "layer" else False})
    action.trigger()
    wanted = True if command.value is None else command.value
    assert getattr(store.state, command.sets) == wanted
    assert action.isChecked()
    action.trigger()
    assert action.isChecked() == (command.value is not None)


def test_marks_follow_a_state_changed_elsewhere(made):
    _, store, _, actions = made
    store.change(mirrored=True, layer=4, following=False)
    checked = {text for text, action in actions.items() if action.isChecked()}
    assert checked == {"Mirror", "Layer 5", "Trails"}


def test_menus_and_toolbar_hold_the_commands(made):
    window = made[0]
    in_menus = [
        (menu.text(), entry.text())
        for menu in window.menuBar().actions()
        for entry in menu.menu().actions()
    ]
    assert in_menus == [(command.menu, command.text) for command in COMMANDS]
    on_toolbar = [entry.text() for entry in window.findChild(QToolBar).actions()]
    assert on_toolbar == [command.text for command in COMMANDS if command.on_toolbar]


def test_a_menu_opens_by_its_key(made, qtbot):
    window, _, owner, actions = made
    owner.menu.addAction("entry")
    window.show()
    actions["Camera"].trigger()
    qtbot.waitUntil(owner.menu.isVisible)
    owner.menu.close()


def test_the_help_names_every_key():
    page = help_html()
    assert all(f"<b>{escape(command.key)}</b>" in page for command in COMMANDS)
    assert f"Layer {LAYERS}" in page
