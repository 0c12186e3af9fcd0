import pytest

from dfmamba_live.sources import AS_IT_LIKES, Camera, Mode
from dfmamba_live.sources.remembered import recall, remember, settings_file


@pytest.mark.parametrize("mode", [AS_IT_LIKES, Mode((1280, 720)), Mode((640, 480), 29.97)])
def test_what_is_remembered_is_recalled(mode):
    assert recall() is None
    remember(Camera(2, "Stick é"), mode)
    assert recall() == (Camera(2, "Stick é"), mode)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\x00",
        b'{"index": 0}',
        b'{"index": -1, "name": "", "size": null, "rate": null}',
        b'{"index": 0, "name": "", "size": [1], "rate": null}',
        b'{"index": 0, "name": "", "size": [0, 480], "rate": null}',
        b'{"index": 0, "name": "", "size": null, "rate": NaN}',
        b'{"index": 1e999, "name": "", "size": null, "rate": null}',
    ],
)
def test_a_damaged_file_is_as_none(content):
    settings_file().parent.mkdir(parents=True)
    settings_file().write_bytes(content)
    assert recall() is None
    remember(Camera(1), AS_IT_LIKES)
    assert recall() == (Camera(1), AS_IT_LIKES)


def test_a_place_that_cannot_be_written_does_no_harm():
    settings_file().parent.write_text("a file where the folder should be")
    remember(Camera(1), AS_IT_LIKES)
    assert recall() is None
