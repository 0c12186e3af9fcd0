import json

import pytest

from dfmamba_live.settings import Settings, load, save, settings_file

KEPT = Settings("geo", "docks", ("/a/clip.mp4", "/b"))


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
        b"\xff\xfe",
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
