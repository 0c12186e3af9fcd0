import csv
import json
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace

from dfmamba.errors import UserError
from dfmamba.hand import JOINTS
from dfmamba_live.recording import FORMATS, open_export
from dfmamba_live.sources import open_path

PRESENT = [each for each in FORMATS if each != ".rrd" or find_spec("rerun")]


@pytest.fixture
def export(source, model, tmp_path, make_frame, make_hand):
    """A function that exports a frame with two hands and one without, and gives the file."""

    def make(name):
        path = tmp_path / name
        with open_export(path, source, model, {"fov_deg": 60.0}) as out:
            out.add(make_frame(0, "0000.png"), [make_hand("left"), make_hand("right", None)])
            out.add(make_frame(1), [])
        assert list(tmp_path.iterdir()) == [path]
        return path

    return make


def test_json(export, model):
    path = export("out.json")
    document = json.loads(path.read_text())
    head = ["schema", "source", "model", "settings", "units", "joints"]
    assert list(document) == [*head, "frames"]
    assert document["schema"] == 1
    assert document["source"] == {
        "name": "simulated camera",
        "kind": "simulated",
        "width": 64,
        "height": 48,
        "rate": 30.0,
        "frames": 7,
    }
    assert document["model"] == model
    assert document["settings"] == {"fov_deg": 60.0}
    assert document["joints"] == list(JOINTS)
    first, second = document["frames"]
    hands = first.pop("hands")
    assert first == {
        "index": 0,
        "time_s": 0.0,
        "file": "0000.png",
        "width": 64,
        "height": 48,
        "damaged": False,
    }
    assert second == {
        "index": 1,
        "time_s": 0.033333,
        "file": None,
        "width": 64,
        "height": 48,
        "damaged": False,
        "hands": [],
    }
    left, right = hands
    assert set(left) <= set(document["units"])
    assert (left["side"], right["side"]) == ("left", "right")
    assert left["score"] == 0.9877
    assert left["box_px"] == [0.13, 1.13, 40.13, 41.13]
    assert left["joints_px"] == [[round(i + 0.13, 2), round(i + 1.13, 2)] for i in range(0, 42, 2)]
    assert np.shape(left["joints_mm"]) == (21, 3)
    assert left["joints_mm"][1] == [-3.7, -4.94, -6.17]
    assert left["root_mm"] == pytest.approx([1.0, -2.0, 400.12], abs=0.011)
    assert left["confidence"] == pytest.approx(np.linspace(0, 1, 21))
    assert right["root_mm"] is None
    assert "-0.0" not in path.read_text()


def test_csv(export):
    with export("out.csv").open(newline="") as file:
        left, right, none = csv.DictReader(file)
    assert [each["frame"] for each in (left, right, none)] == ["0", "0", "1"]
    assert [each["side"] for each in (left, right, none)] == ["left", "right", ""]
    assert (left["file"], none["time_s"]) == ("0000.png", "0.033333")
    assert left["wrist_x_px"] == "0.13"
    assert left["thumb_cmc_z_mm"] == "-6.17"
    assert left["little_tip_y_px"] == "41.13"
    assert left["little_tip_confidence"] == "1.0"
    assert (left["root_z_mm"], right["root_z_mm"]) == ("400.12", "")
    assert not any(list(none.values())[4:])


def test_npz(export, make_hand, model):
    with np.load(export("out.NPZ")) as found:  # without pickle
        arrays = dict(found)
    assert arrays["frame_index"].tolist() == [0, 1]
    assert arrays["frame_time_s"] == pytest.approx([0, 1 / 30])
    assert arrays["frame"].tolist() == [0, 0]
    assert arrays["side"].tolist() == ["left", "right"]
    hand = make_hand()
    for name in ("joints_px", "joints_mm", "box_px", "confidence"):
        assert arrays[name][0] == pytest.approx(getattr(hand, name), abs=1e-4)
    assert arrays["root_mm"][0] == pytest.approx(hand.root_mm, abs=1e-4)
    assert np.isnan(arrays["root_mm"][1]).all()
    about = json.loads(str(arrays["about"]))
    assert about["model"] == model
    assert about["joints"][0] == "wrist"
    assert "time_s" in about["units"]


def test_mp4(source, model, tmp_path, make_frame, make_hand):
    path, times = tmp_path / "out.mp4", [0.0, 0.04, 0.1, 0.101]
    with open_export(path, source, model) as out:
        for index, time_s in enumerate(times):
            size = (80, 90) if index == 3 else (63, 47)  # odd, as a crop may be
            hands = [make_hand()] if index == 1 else []
            out.add(make_frame(index, level=60, size=size, time_s=time_s), hands)
    video = open_path(path)
    found = list(iter(video.read, None))
    assert [each.time_s for each in found] == pytest.approx(times, abs=1e-4)
    plain, drawn = found[0].image[:47, :63], found[1].image[:47, :63]
    assert found[0].image.shape == found[3].image.shape == (48, 64, 3)
    assert np.abs(plain.astype(int) - 60).max() < 12
    assert drawn.max() > 150
    with av.open(str(path)) as file:
        about = json.loads(file.metadata["comment"])
        assert next(file.decode(video=0)).colorspace == Colorspace.ITU709
    assert about["model"] == model


@pytest.mark.parametrize("thin", [(3000, 1), (1, 3000)])
def test_mp4_of_pictures_of_any_shape(thin, source, model, tmp_path, make_frame):
    path = tmp_path / "out.mp4"
    with open_export(path, source, model) as out:
        out.add(make_frame(0, size=(64, 48)), [])
        out.add(make_frame(1, size=thin), [])
    assert len(list(iter(open_path(path).read, None))) == 2


def test_rerun(export, tmp_path):
    pytest.importorskip("rerun")
    from rerun import dataframe

    recording = dataframe.load_recording(export("out.rrd"))
    places = {str(each.entity_path) for each in recording.schema().component_columns()}
    assert {"/hands/left", "/hands/right", "/camera/image", "/about"} <= places
    rows = recording.view(index="frame", contents="/hands/left").select().read_all()
    assert rows.num_rows == 2


def test_rerun_is_an_extra(source, model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rerun", None)
    with pytest.raises(UserError, match=r"pip install 'dfmamba-live\[rerun\]'"):
        open_export(tmp_path / "out.rrd", source, model)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", PRESENT)
def test_no_frame_at_all(suffix, source, model, tmp_path):
    path = tmp_path / f"out{suffix}"
    open_export(path, source, model).close()
    assert list(tmp_path.iterdir()) == [path]
    if suffix == ".json":
        document = json.loads(path.read_text())
        assert document["frames"] == []
        assert document["source"]["width"] is None
    elif suffix == ".npz":
        with np.load(path) as arrays:
            assert arrays["joints_mm"].shape == (0, 21, 3)


def test_an_older_file_stays_until_the_new_one_is_whole(source, model, tmp_path, make_frame):
    path = tmp_path / "out.json"
    path.write_text("old")
    with open_export(path, source, model) as out:
        out.add(make_frame(), [])
        assert path.read_text() == "old"
    assert len(json.loads(path.read_text())["frames"]) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_frame_that_cannot_be_written_does_not_take_the_others_along(
    source, model, tmp_path, make_frame, make_hand
):
    path = tmp_path / "out.json"

    def run():
        with open_export(path, source, model) as out:
            out.add(make_frame(), [make_hand()])
            out.add(make_frame(), [make_hand(root=(np.nan, 0, 0))])

    with pytest.raises(ValueError, match="not JSON compliant"):
        run()
    assert len(json.loads(path.read_text())["frames"]) == 1


@pytest.mark.parametrize("suffix", PRESENT)
def test_unwritable_place(suffix, source, model, tmp_path):
    with pytest.raises(UserError, match="cannot be written"):
        open_export(tmp_path / "none" / f"out{suffix}", source, model)


def test_an_older_file_stays_where_none_can_be_begun(source, model, tmp_path, make_frame):
    path = tmp_path / "out.mp4"
    path.write_text("old")

    def run():
        with open_export(path, source, model) as out:
            out.add(make_frame(size=(20_000, 8)), [])  # wider than H.264 takes

    with pytest.raises(UserError, match="cannot be written"):
        run()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_older_file_stays_where_nothing_was_done(source, model, tmp_path):
    path = tmp_path / "out.json"
    path.write_text("old")

    def run():
        with open_export(path, source, model):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_unknown_format(source, model, tmp_path):
    with pytest.raises(UserError, match=r"does not end in \.json or \.csv"):
        open_export(tmp_path / "out.txt", source, model)


@pytest.mark.parametrize("suffix", PRESENT)
def test_a_full_disk_is_told(suffix, source, model, tmp_path, make_frame, make_hand):
    def run():
        out = open_export(tmp_path / f"out{suffix}", source, model)
        out.part.unlink()
        out.part.symlink_to("/dev/full")
        with out:
            for index in range(40):
                out.add(make_frame(index), [make_hand()])

    with pytest.raises(UserError, match=r"cannot be written: .*No space left"):
        run()


def frames_in(path):
    if path.suffix == ".json":
        return len(json.loads(path.read_text())["frames"])
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            rows = list(csv.reader(file))
        assert {len(row) for row in rows} == {len(rows[0])}
        return len(rows) - 1
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return len(arrays["frame_index"])
    if path.suffix == ".mp4":
        return len(list(iter(open_path(path).read, None)))
    from rerun import dataframe

    view = dataframe.load_recording(path).view(index="frame", contents="/camera/image")
    return view.select().read_all().num_rows


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
@pytest.mark.parametrize("suffix", PRESENT)
def test_what_fits_on_a_full_disk_is_kept_under_another_name(
    suffix, share, source, model, tmp_path, make_frame, make_hand, short_disk
):
    path, partial = tmp_path / f"out{suffix}", tmp_path / f"out.partial{suffix}"
    noise = np.random.default_rng(0)
    frames = [
        replace(make_frame(i), image=noise.integers(0, 256, (48, 64, 3), np.uint8))
        for i in range(60)
    ]
    hands = [replace(make_hand(), joints_mm=noise.normal(size=(21, 3))) for _ in frames]

    def run():
        with open_export(path, source, model) as out:
            for frame, hand in zip(frames, hands, strict=True):
                out.add(frame, [hand])

    run()
    size = path.stat().st_size
    path.write_text("older")
    with (
        short_disk(int(share * size)),
        pytest.raises(UserError, match="cannot be written: File too large; its first") as told,
    ):
        run()
    assert path.read_text() == "older"
    assert set(tmp_path.iterdir()) == {path, partial}
    kept = frames_in(partial)
    assert 0 < kept < 60 or share > 0.9
    assert f"its first {kept} frames are kept as {partial}" in str(told.value)


def test_what_was_kept_before_stays_too(source, model, tmp_path, make_frame, short_disk):
    path = tmp_path / "out.csv"
    (tmp_path / "out.partial.csv").write_text("of last time")

    def run():
        with open_export(path, source, model) as out:
            for index in range(60):
                out.add(make_frame(index), [])

    with short_disk(3000), pytest.raises(UserError, match=r"out\.partial-2\.csv"):
        run()
    assert (tmp_path / "out.partial.csv").read_text() == "of last time"


@pytest.mark.parametrize("suffix", PRESENT)
def test_two_exports_to_one_name_do_not_mix(suffix, source, model, tmp_path, make_frame, make_hand):
    path = tmp_path / f"out{suffix}"
    with open_export(path, source, model) as one, open_export(path, source, model) as other:
        for index in range(5):
            one.add(make_frame(index), [make_hand()])
            if index < 3:
                other.add(make_frame(index), [make_hand()])
        other.close()
        assert frames_in(path) == 3
    assert frames_in(path) == 5
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("link", [False, True])
def test_a_part_of_somebody_else_is_left_alone(link, source, model, tmp_path, make_frame):
    path, part, mine = tmp_path / "out.json", tmp_path / "out.json.part", tmp_path / "mine.txt"
    mine.write_text("precious")
    part.symlink_to(mine) if link else part.write_text("precious")
    with open_export(path, source, model) as out:
        out.add(make_frame(), [])
    assert frames_in(path) == 1
    assert part.read_text() == mine.read_text() == "precious"
    assert part.is_symlink() == link


def test_a_name_with_a_colon(source, model, tmp_path, make_frame, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_export(Path("clip:10:30.mp4"), source, model) as out:
        out.add(make_frame(), [])
    assert frames_in(tmp_path / "clip:10:30.mp4") == 1


@pytest.mark.parametrize("name", ["out.json", "out.csv", "out.npz"])
def test_damaged_frames_are_marked(name, source, model, tmp_path, make_frame, make_hand):
    path = tmp_path / name
    with open_export(path, source, model) as out:
        out.add(make_frame(0), [make_hand()])
        out.add(replace(make_frame(1), damaged=True), [make_hand()])
    if name == "out.json":
        marks = [frame["damaged"] for frame in json.loads(path.read_text())["frames"]]
    elif name == "out.csv":
        with path.open(newline="") as file:
            marks = [bool(int(row["damaged"])) for row in csv.DictReader(file)]
    else:
        with np.load(path) as found:
            marks = found["frame_damaged"].tolist()
    assert marks == [False, True]
