import json
from dataclasses import replace

import pytest

from dfmamba_live.camera import AS_IT_LIKES, Camera, Mode
from dfmamba_live.settings import (
    Settings,
    last_camera,
    load,
    remember_camera,
    save,
    settings_file,
)

KEPT = Settings("geo", "docks", ("/a/clip.mp4", "/b"), Camera(2, "Stick"), Mode((640, 480), 29.97))


def test_what_is_saved_comes_back():
    save(KEPT)
    assert load() == (KEPT, None)
    assert [each.name for each in settings_file().parent.iterdir()] == ["settings.json"]


def test_the_first_start_has_nothing_to_complain_about():
    assert load() == (Settings(), None)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"geometry": 3}',
        b'{"recent": [1]}',
        b'{"recent": 7}',
        b'{"camera": {"index": 0}}',
        b'{"camera": {"index": -1, "name": "", "driver": "webcam"}}',
        b'{"camera": {"index": 1e999, "name": "", "driver": "webcam"}}',
        b'{"mode": {"size": [1], "rate": null}}',
        b'{"mode": {"size": [0, 480], "rate": null}}',
        b'{"mode": {"size": null, "rate": NaN}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"recent": ' + b"[" * 100_000,
        b'{"recent": ' + b"1" * 5000 + b"}",
        b'{"geometry": "\\ud800"}',
        b'{"camera": {"index": 0, "name": "\\ud800", "driver": "webcam"}}',
    ],
)
def test_a_broken_file_is_set_aside_and_told(content):
    path = settings_file()
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    settings, told = load()
    assert settings == Settings()
    aside = path.with_name("settings.broken.json")
    assert str(aside) in told
    assert aside.read_bytes() == content
    assert load() == (Settings(), None)


def test_names_that_are_no_text_are_left_out():
    names = ("/a/clip.mp4", "/a/\udcff.mp4", "/a/\ud800", "/a\0b", "/b")
    save(replace(KEPT, recent=names))
    assert load() == (KEPT, None)


def test_entries_of_another_version_are_let_be():
    save(KEPT)
    path = settings_file()
    path.write_text(json.dumps({**json.loads(path.read_text()), "later": 1}))
    assert load() == (KEPT, None)


def test_a_place_that_cannot_be_written_stops_nothing(caplog):
    settings_file().mkdir(parents=True)
    save(KEPT)
    assert "cannot be kept" in caplog.text
    settings, told = load()
    assert settings == Settings()
    assert told


@pytest.mark.parametrize("mode", [AS_IT_LIKES, Mode((1280, 720)), Mode((640, 480), 29.97)])
def test_a_camera_is_remembered_beside_all_else(mode):
    assert last_camera() is None
    save(Settings("geo", recent=("/a",)))
    remember_camera(Camera(3, "Stick é", driver="other"), mode)
    assert last_camera() == (Camera(3, "Stick é", driver="other"), mode)
    kept, _ = load()
    assert (kept.geometry, kept.recent) == ("geo", ("/a",))


def test_a_damaged_file_holds_no_camera_and_is_set_aside_by_the_next_one(caplog):
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text("{")
    assert last_camera() is None
    assert settings_file().read_text() == "{"
    remember_camera(Camera(1), AS_IT_LIKES)
    assert "the settings were damaged" in caplog.text
    assert last_camera() == (Camera(1), AS_IT_LIKES)
