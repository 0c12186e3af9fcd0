from pathlib import Path

import pytest
from fake_parts import FakeEstimator, FakeSource
from PySide6.QtWidgets import QFileDialog, QWidget

from dfmamba_live.controllers.opening import KEPT, Files
from dfmamba_live.play.session import Session


@pytest.fixture
def files(qtbot):
    window, session = QWidget(), Session(FakeSource(), FakeEstimator())
    qtbot.addWidget(window)
    yield Files(window, session)
    session.close()


def test_a_dialogue_hands_on_what_was_chosen(files, qtbot, copy_clip):
    path = copy_clip("clip.mp4")
    files.open_file()
    dialog = files.parent().findChild(QFileDialog)
    with qtbot.waitSignal(files.session.opened) as opened:
        dialog.fileSelected.emit(str(path))
    assert opened.args[0].name == path.name
    dialog.reject()


def test_a_folder_can_be_chosen(files):
    files.open_folder()
    dialog = files.parent().findChild(QFileDialog)
    assert dialog.fileMode() == QFileDialog.FileMode.Directory
    dialog.reject()


def test_what_was_opened_last_is_offered_first(files, qtbot, copy_clip):
    paths = [copy_clip(f"{n}.mp4") for n in range(3)]
    for path in (*paths, paths[0]):
        files.open_path(path)
    files.recent_menu.aboutToShow.emit()
    entries = files.recent_menu.actions()
    assert [entry.text() for entry in entries] == ["0.mp4", "2.mp4", "1.mp4"]
    entries[2].trigger()
    assert files.session.source.name == "1.mp4"
    assert files.recent[0] == str(paths[1])


def test_only_so_many_are_kept_and_none_that_failed(files, tmp_path, monkeypatch):
    files.open_path(tmp_path / "none.mp4")
    assert files.recent == ()
    monkeypatch.setattr(files.session, "open_path", lambda _: True)
    for n in range(KEPT + 3):
        files.open_path(Path(f"/clips/{n}.mp4"))
    assert len(files.recent) == KEPT
    assert files.recent[0] == f"/clips/{KEPT + 2}.mp4"


def test_an_empty_list_says_so(files):
    files.recent_menu.aboutToShow.emit()
    (entry,) = files.recent_menu.actions()
    assert not entry.isEnabled()
