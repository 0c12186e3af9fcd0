import json

import numpy as np
import pytest

from dfmamba.errors import UserError
from dfmamba.files import load_arrays, save_arrays, save_json, written_whole


def test_a_file_takes_its_place_once_it_is_whole(tmp_path):
    path = tmp_path / "deep" / "notes.txt"
    for text in ("first", "second"):
        with written_whole(path) as draft:
            assert path.exists() == (text == "second")
            draft.write_text(text)
        assert path.read_text() == text
    assert list(path.parent.iterdir()) == [path]


def test_a_draft_of_somebody_else_is_left_alone(tmp_path):
    path, other, link = (tmp_path / name for name in ("notes.txt", "other.txt", "notes.txt.part"))
    other.write_text("precious")
    link.symlink_to(other)
    with written_whole(path) as one, written_whole(path) as two:
        assert one != two
        one.write_text("one")
        two.write_text("two")
    assert path.read_text() == "one"
    assert other.read_text() == "precious"
    assert sorted(tmp_path.iterdir()) == [path, link, other]


@pytest.mark.parametrize("end", [ValueError, KeyboardInterrupt])
def test_writing_that_ends_early_leaves_the_older_file(tmp_path, end):
    path = tmp_path / "notes.txt"
    path.write_text("older")

    def stop():
        with written_whole(path) as draft:
            draft.write_text("half")
            raise end

    with pytest.raises(end):
        stop()
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_arrays_come_back(tmp_path):
    arrays = {"pixels": np.arange(6.0).reshape(2, 3), "names": np.array(["a", "bc"])}
    path = tmp_path / "deep" / "arrays.npz"
    save_arrays(path, arrays)
    back = load_arrays(path)
    assert set(back) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype
    assert set(load_arrays(path, ["names"])) == {"names"}


def test_no_pickle_is_read(tmp_path):
    np.savez(tmp_path / "bad.npz", x=np.array([{}], dtype=object))
    with pytest.raises(UserError, match="damaged or of another kind"):
        load_arrays(tmp_path / "bad.npz")


def test_files_without_the_arrays_are_told(tmp_path):
    path = tmp_path / "arrays.npz"
    with pytest.raises(UserError, match="there is no file"):
        load_arrays(path)
    save_arrays(path, {"one": np.zeros(1)})
    with pytest.raises(UserError, match="damaged or of another kind"):
        load_arrays(path, ["two"])
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(UserError, match="damaged or of another kind"):
        load_arrays(path)


def test_json_is_for_people_too(tmp_path):
    content = {"error, mm": 3.5, "note": None}
    save_json(tmp_path / "report.json", content)
    text = (tmp_path / "report.json").read_text(encoding="utf-8")
    assert json.loads(text) == content
    assert text.count("\n") == 4
