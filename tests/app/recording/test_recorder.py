import json
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from threading import Event
from time import perf_counter, sleep

import av
import numpy as np
import pytest
from films import damage_jpegs

from dfmamba.camera import Intrinsics
from dfmamba.errors import UserError
from dfmamba.frame import Depth, Frame
from dfmamba_live.recording import Recorder
from dfmamba_live.recording.recorder import WAITING
from dfmamba_live.sources import open_frames, open_path
from dfmamba_live.sources.simulated import Simulated

pytestmark = pytest.mark.usefixtures("no_thread_left")
TIMES = (2.0, 2.0333, 2.0334, 2.0335, 2.2001, 3.1234567)


@pytest.fixture
def record(tmp_path, source, model, make_frame, make_hand):
    """A function that records frames of rising level at the given times."""

    def run(times=TIMES, size=(64, 48)):
        recorder = Recorder(tmp_path / "take", source, model, {"fov_deg": 70.0})
        for index, time_s in enumerate(times):
            hands = [make_hand()] if index % 2 else []
            frame = make_frame(5 + 2 * index, level=20 * index, size=size, time_s=time_s)
            assert recorder.add(frame, hands)
        recorder.stop()
        return recorder

    return run


def test_what_was_recorded_is_played_with_exact_times(record, model):
    recorder = record()
    assert str(recorder) == f"6 frames recorded to {recorder.folder}"
    source = open_path(recorder.folder)
    found = list(iter(source.read, None))
    source.close()
    assert (source.kind, source.live, source.name, source.frame_count) == (
        "recorded",
        False,
        "take",
        6,
    )
    assert [each.index for each in found] == list(range(6))
    assert [each.time_s for each in found] == pytest.approx([t - 2 for t in TIMES], abs=1e-6)
    assert [int(each.image.mean().round()) for each in found] == [20 * i for i in range(6)]
    head = json.loads((recorder.folder / "recording.json").read_text())
    assert (head["model"], head["settings"]) == (model, {"fov_deg": 70.0})
    assert head["source"]["name"] == "simulated camera"
    text = (recorder.folder / "frames.jsonl").read_text()
    lines = [json.loads(each) for each in text.splitlines()]
    assert [len(each["hands"]) for each in lines] == [0, 1] * 3


def test_a_recording_is_looked_up_and_repeated(record):
    folder = record().folder
    reader = open_frames(folder)
    assert len(reader) == 6
    for index in (4, 0, 5, 3):
        frame = reader.read(index)
        assert (frame.index, frame.time_s) == (index, reader.times_s[index])
        assert frame.image.mean() == pytest.approx(20 * index, abs=0.6)
    with pytest.raises(IndexError):
        reader.read(6)
    reader.close()
    source = open_path(folder, loop=True)
    found = list(islice(iter(source.read, None), 15))
    source.close()
    assert source.read() is None
    assert [each.index for each in found] == [i % 6 for i in range(15)]
    assert np.diff([each.time_s for each in found]).min() > 0


@pytest.fixture
def depth_frames():
    """Frames of a depth camera; every third one comes without depth, and the unit changes."""
    rng = np.random.default_rng(0)
    image = np.full((48, 64, 3), 96, np.uint8)
    camera = Intrinsics(50.5, 51.25, 32.0, 24.0)
    values = rng.integers(0, 2**16, (7, 48, 64)).astype(np.uint16)
    depths = [None if i % 3 == 2 else Depth(each, 0.25 + i) for i, each in enumerate(values)]
    return [Frame(image, i / 30, camera, depth, i) for i, depth in enumerate(depths)]


def same(frame, other):
    """Whether a played frame tells the camera and the very depth of the recorded one."""
    assert frame.camera == other.camera
    if frame.depth is None or other.depth is None:
        return frame.depth is other.depth
    return frame.depth.unit_mm == other.depth.unit_mm and np.array_equal(
        frame.depth.values, other.depth.values
    )


def test_depth_comes_back_equal_in_order_and_at_random(tmp_path, source, model, depth_frames):
    recorder = Recorder(tmp_path / "take", source, model)
    for frame in depth_frames:
        recorder.add(frame, [])
    recorder.stop()
    assert recorder.failure is None
    played = open_path(recorder.folder)
    found = list(iter(played.read, None))
    played.close()
    assert all(map(same, found, depth_frames))
    reader = open_frames(recorder.folder)
    for index in (6, 0, 5, 2, 3, 1, 4):
        assert same(reader.read(index), depth_frames[index])
    reader.close()


def test_a_simulated_depth_camera_is_recorded_and_played_equal(tmp_path, model):
    source = Simulated(64, 48, rate=200, count=20, depth=True)
    frames = list(iter(source.read, None))
    recorder = Recorder(tmp_path / "take", source, model)
    for frame in frames:
        recorder.add(frame, [])
    recorder.stop()
    played = open_path(recorder.folder)
    assert [*map(same, iter(played.read, None), frames)] == [True] * len(frames)
    played.close()


def test_depth_of_another_size_ends_the_recording(tmp_path, source, model, make_frame):
    recorder = Recorder(tmp_path / "take", source, model)
    for size in ((64, 48), (80, 60)):
        depth = Depth(np.zeros(size[::-1], np.uint16))
        recorder.add(replace(make_frame(size=size), depth=depth), [])
    recorder.stop()
    assert "stopped after 1 frames: the depth changed its size" in str(recorder)


def test_what_depth_has_lost_is_left_out(tmp_path, source, model, depth_frames):
    recorder = Recorder(tmp_path / "take", source, model)
    for frame in depth_frames:
        recorder.add(frame, [])
    recorder.stop()
    lost = Recorder(tmp_path / "other", source, model)
    for frame in depth_frames[:4]:
        lost.add(frame, [])
    lost.stop()
    (lost.folder / "depth.mkv").replace(recorder.folder / "depth.mkv")
    assert len(open_frames(recorder.folder)) == 4


def test_pictures_may_change_their_size(tmp_path, source, model, make_frame):
    recorder = Recorder(tmp_path / "take", source, model)
    sizes = [(64, 48), (80, 60), (80, 60), (48, 64)]
    for index, size in enumerate(sizes):
        recorder.add(make_frame(index, size=size), [])
    recorder.stop()
    played = list(iter(open_path(recorder.folder).read, None))
    assert [each.image.shape[1::-1] for each in played] == sizes


def test_a_damaged_picture_does_not_end_a_run(record):
    recorder = record()
    damage_jpegs(recorder.folder / "frames.mkv", {0, 3})
    found = list(iter(open_path(recorder.folder).read, None))
    assert [each.time_s for each in found] == pytest.approx([t - 2 for t in TIMES], abs=1e-6)
    assert [each.index for each in found if each.damaged] == [0, 3]
    assert [int(each.image.mean().round()) for each in found if not each.damaged] == [
        20 * i for i in (1, 2, 4, 5)
    ]


def test_damaged_depth_costs_the_depth_of_its_frame(tmp_path, source, model, depth_frames):
    recorder = Recorder(tmp_path / "take", source, model)
    for frame in depth_frames:
        recorder.add(frame, [])
    recorder.stop()
    with av.open(str(recorder.folder / "depth.mkv")) as container:
        packets = [bytes(packet) for packet in container.demux() if packet.size]
    path = recorder.folder / "depth.mkv"
    data = bytearray(path.read_bytes())
    at = data.index(packets[1])
    data[at : at + len(packets[1])] = b"\xff" * len(packets[1])
    path.write_bytes(data)
    found = list(iter(open_path(recorder.folder).read, None))
    assert len(found) == len(depth_frames)
    with_depth = [index for index, frame in enumerate(depth_frames) if frame.depth is not None]
    for index, (frame, put_in) in enumerate(zip(found, depth_frames, strict=True)):
        assert frame.damaged == (index == with_depth[1])
        assert (frame.depth is None and frame.damaged) or same(frame, put_in)


def test_the_mark_of_a_damaged_frame_is_recorded(tmp_path, source, model, make_frame):
    recorder = Recorder(tmp_path / "take", source, model)
    for index in range(4):
        recorder.add(replace(make_frame(index), damaged=index == 2), [])
    recorder.stop()
    played = iter(open_path(recorder.folder).read, None)
    assert [each.damaged for each in played] == [False, False, True, False]


def test_pictures_keep_their_detail(tmp_path, source, model, make_frame):
    rng = np.random.default_rng(0)
    frame = make_frame(size=(160, 120))
    frame.image[:] = np.kron(rng.integers(0, 255, (15, 20, 3)), np.ones((8, 8, 1)))
    recorder = Recorder(tmp_path / "take", source, model)
    recorder.add(frame, [])
    recorder.stop()
    played = open_path(recorder.folder).read().image
    assert np.abs(played.astype(int) - frame.image).mean() < 3


def test_nothing_is_left_of_a_recording_without_frames(record, tmp_path):
    record(times=())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_never_overwritten(record, tmp_path):
    (tmp_path / "take").mkdir()
    with pytest.raises(UserError, match="cannot be made: File exists"):
        record()


def test_a_slow_disk_drops_frames_and_never_holds_up(
    tmp_path, source, model, make_frame, monkeypatch
):
    go = Event()
    monkeypatch.setattr(
        "dfmamba_live.recording.recorder.frame_record", lambda *_: go.wait(10) and {}
    )
    recorder = Recorder(tmp_path / "take", source, model)
    recorder.add(make_frame(0), [])
    while recorder._waiting:
        sleep(0.001)
    begin = perf_counter()
    taken = [recorder.add(make_frame(index), []) for index in range(1, WAITING + 11)]
    assert perf_counter() - begin < 0.2
    assert taken == [True] * WAITING + [False] * 10
    go.set()
    recorder.stop()
    assert (recorder.written, recorder.dropped) == (WAITING + 1, 10)
    assert str(recorder).endswith("10 dropped: the disk is too slow")


def test_a_full_disk_ends_it_and_is_told(tmp_path, source, model, make_frame, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    recorder = Recorder(tmp_path / "take", source, model)
    recorder.add(make_frame(0), [])
    while not recorder.written:
        sleep(0.001)
    monkeypatch.setattr("dfmamba_live.recording.recorder._write_line", full)
    recorder.add(make_frame(1), [])
    deadline = perf_counter() + 5
    while recorder.failure is None and perf_counter() < deadline:
        sleep(0.001)
    assert "stopped after 1 frames: [Errno 28] No space left" in str(recorder)
    assert not recorder.add(make_frame(2), [])
    recorder.stop()
    assert open_path(recorder.folder).frame_count == 1


@pytest.mark.parametrize("size", [500, 3_000, 60_000])
def test_what_a_full_disk_took_is_counted_as_it_can_be_read(
    size, tmp_path, source, model, make_frame, short_disk
):
    noise = np.random.default_rng(0)
    frames = [
        replace(make_frame(i), image=noise.integers(0, 256, (48, 64, 3), np.uint8))
        for i in range(WAITING)
    ]
    with short_disk(size):
        recorder = Recorder(tmp_path / "take", source, model)
        for frame in frames:
            recorder.add(frame, [])
        recorder.stop()
    assert f"stopped after {recorder.written} frames: [Errno 27] File too large" in str(recorder)
    if size < 60_000:  # not one frame is whole, and nothing is left behind
        assert recorder.written == 0
        assert list(tmp_path.iterdir()) == []
    else:
        with closing(open_frames(recorder.folder)) as reader:
            assert len(reader) == recorder.written > 1
            assert reader.read(len(reader) - 1).image.shape == (48, 64, 3)


def test_a_kill_takes_the_last_second_at_most(tmp_path):
    folder = tmp_path / "take"
    child = Path(__file__).with_name("record_until_killed.py")
    with subprocess.Popen(
        [sys.executable, child, folder], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    ) as process:
        added = [process.stdout.readline() for _ in range(40)]
        process.send_signal(signal.SIGKILL)
        added += process.stdout.readlines()
    last_s = float(added[-1])
    assert last_s > 1
    reader = open_frames(folder)
    assert reader.times_s[-1] > last_s - 1
    for index in range(len(reader)):
        frame = reader.read(index)
        assert frame.image.mean() == pytest.approx(index % 250, abs=1)
        assert (frame.depth.values == 1000 + index).all()


def test_a_line_that_was_cut_off_is_left_out(record):
    folder = record().folder
    path = folder / "frames.jsonl"
    path.write_bytes(path.read_bytes()[:-30])
    assert len(open_frames(folder)) == 5


@pytest.mark.parametrize("broken", ["frames.jsonl", "frames.mkv"])
def test_a_broken_recording_is_told(record, broken):
    folder = record().folder
    for content in (b"broken\n", b"[1]\n", b'{"time_s": null}\n', b""):
        (folder / broken).write_bytes(content)
        with pytest.raises(UserError, match=r"cannot be read|can be read|no whole frame"):
            open_path(folder)


def change_line(folder, number, text):
    path = folder / "frames.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[number] = text + b"\n"
    path.write_bytes(b"".join(lines))


DAMAGED = {
    "nan": b'{"time_s": NaN}',
    "infinite": b'{"time_s": Infinity}',
    "digits": b'{"time_s": ' + b"1" * 400 + b"}",
    "more digits": b'{"time_s": ' + b"1" * 5000 + b"}",
    "far": b'{"time_s": 1e300}',
    "back": b'{"time_s": -1}',
    "truth": b'{"time_s": true}',
    "text": b'{"time_s": "0.1"}',
    "nested": b'{"time_s": 0.1, "hands": ' + b"[" * 100_000,
    "rubbish": b"\xff\x00{",
    "another": b"[1]",
    "zero intrinsics": b'{"time_s": 0.1, "intrinsics": [0, 500, 32, 24]}',
    "nan intrinsics": b'{"time_s": 0.1, "intrinsics": [500, NaN, 32, 24]}',
    "text intrinsics": b'{"time_s": 0.1, "intrinsics": ["500", 500, 32, 24]}',
    "a text for intrinsics": b'{"time_s": 0.1, "intrinsics": "5000"}',
    "short intrinsics": b'{"time_s": 0.1, "intrinsics": [500, 500]}',
    "no intrinsics": b'{"time_s": 0.1, "intrinsics": []}',
    "zero unit": b'{"time_s": 0.1, "depth_unit_mm": 0}',
    "nan unit": b'{"time_s": 0.1, "depth_unit_mm": NaN}',
    "text unit": b'{"time_s": 0.1, "depth_unit_mm": "1"}',
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_line_costs_its_frame_only(name, record, caplog):
    folder = record().folder
    change_line(folder, 2, DAMAGED[name])
    source = open_path(folder)
    found = list(iter(source.read, None))
    source.close()
    assert [int(each.image.mean().round()) for each in found] == [0, 20, 60, 80, 100]
    assert [each.index for each in found] == list(range(5))
    times = [TIMES[i] - 2 for i in (0, 1, 3, 4, 5)]
    assert [each.time_s for each in found] == pytest.approx(times, abs=1e-6)
    told = [each.getMessage() for each in caplog.records]
    assert len(told) == 1
    assert told[0].endswith("frames.jsonl is damaged; 1 of 6 frames are left out")
    reader = open_frames(folder)
    assert [int(reader.read(i).image.mean().round()) for i in (4, 2)] == [100, 60]
    reader.close()


def test_blank_lines_are_nothing(record, caplog):
    folder = record().folder
    path = folder / "frames.jsonl"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n\n \n", 2))
    source = open_path(folder)
    assert len(list(iter(source.read, None))) == 6
    source.close()
    assert not caplog.records


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 1.5}', b"[" * 100_000])
def test_a_head_that_is_rubbish_is_told_and_does_no_harm(content, record, caplog):
    folder = record().folder
    (folder / "recording.json").write_bytes(content)
    source = open_path(folder)
    assert len(list(iter(source.read, None))) == 6
    source.close()
    (told,) = [each.getMessage() for each in caplog.records]
    assert told.endswith("recording.json is damaged; the frames are played")


def test_a_newer_recording_is_told(record):
    folder = record().folder
    head = json.loads((folder / "recording.json").read_text())
    (folder / "recording.json").write_text(json.dumps({**head, "schema": head["schema"] + 1}))
    for read in (open_path, open_frames):
        with pytest.raises(UserError, match="is a newer version's"):
            read(folder)


def test_behind_a_damaged_line_no_depth_is_taken_for_another(
    tmp_path, source, model, make_frame, caplog
):
    recorder = Recorder(tmp_path / "take", source, model)
    for index in range(5):
        depth = Depth(np.full((48, 64), 1000 + index, np.uint16))
        assert recorder.add(replace(make_frame(index), depth=depth), [])
    recorder.stop()
    change_line(recorder.folder, 2, b"{")
    played = open_path(recorder.folder)
    found = list(iter(played.read, None))
    played.close()
    assert [int(each.depth.values[0, 0]) for each in found] == [1000, 1001]
    assert "the recording ends after 2 frames" in caplog.text
