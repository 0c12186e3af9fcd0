from collections import Counter
from html import escape
from typing import get_type_hints

import pytest
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from dfmamba_live.actions import COMMANDS, Owners, build, help_html
from dfmamba_live.state import LAYERS, Changes, Store, ViewState


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
    owner.menu, owner.recent_menu = QMenu(window), QMenu(window)
    owners = Owners(**dict.fromkeys(Owners.__dataclass_fields__, owner))
    return window, store, owner, build(window, store, owners, [])


def test_every_command_has_its_own_key():
    assert Counter(command.key for command in COMMANDS).most_common(1)[0][1] == 1


def test_a_command_calls_its_owner(made):
    _, _, owner, actions = made
    actions["Home view"].trigger()
    actions["Keys"].trigger()
    assert owner.calls == ["look_home", "show_help"]


def test_a_command_does_one_thing():
    assert all(
        sum(each is not None for each in (command.does, command.sets, command.opens)) == 1
        for command in COMMANDS
    )


@pytest.mark.parametrize(
    ("text", "field"), [("Pause", "paused"), ("Mirror", "mirrored"), ("Scan order", "order")]
)
def test_a_switch_is_turned_on_and_off(made, text, field):
    _, store, _, actions = made
    for on in (True, False):
        actions[text].trigger()
        assert getattr(store.state, field) is on
        assert actions[text].isChecked() is on


def test_a_chosen_layer_stays_chosen(made):
    _, store, _, actions = made
    for _ in range(2):
        actions["Layer 3"].trigger()
        assert store.state.layer == 2
        assert actions["Layer 3"].isChecked()
    actions["Layer 4"].trigger()
    assert not actions["Layer 3"].isChecked()


def test_changes_have_the_fields_of_the_state():
    assert get_type_hints(Changes) == get_type_hints(ViewState)


def test_marks_follow_a_state_changed_elsewhere(made):
    _, store, _, actions = made
    store.change(mirrored=True, layer=4, following=False)
    checked = {text for text, action in actions.items() if action.isChecked()}
    assert checked == {"Mirror", "Layer 5", "Trails"}


def test_commands_are_in_menus_and_the_most_used_on_the_toolbar(made):
    window = made[0]
    menus = {each.text(): each.menu() for each in window.menuBar().actions()}
    assert list(menus) == ["&File", "&Play", "&View", "&Scan", "&3D", "&Help"]
    assert sum(len(menu.actions()) for menu in menus.values()) == len(COMMANDS)
    on_toolbar = [entry.text() for entry in window.findChild(QToolBar).actions()]
    assert on_toolbar[:4] == ["Camera", "Record", "Snapshot", "Pause"]
    assert "Quit" not in on_toolbar


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
