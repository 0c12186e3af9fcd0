import fcntl
import struct
import sys
from types import SimpleNamespace

import pytest

from dfmamba_live.camera import AS_IT_LIKES, MODES, Camera, Mode
from dfmamba_live.sources import devices, v4l2
from dfmamba_live.sources.devices import cameras
from dfmamba_live.sources.driver import find
from dfmamba_live.sources.drivers import camera_at

CAPTURE, METADATA, SEVERAL = 0x00000001, 0x00800000, 0x80000000
QUERYCAP, SIZES, RATES = 0x80685600, 0xC02C564A, 0xC034564B
MJPG = int.from_bytes(b"MJPG", "little")

linux_only = pytest.mark.skipif(devices.sys.platform != "linux", reason="Linux lists its cameras")


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """A function that adds a video node; without capabilities the driver does not answer."""
    listed, nodes, known, offered = tmp_path / "class", tmp_path / "dev", {}, {}
    monkeypatch.setattr(devices, "LISTED", listed)
    monkeypatch.setattr(devices, "NODES", nodes)

    def answer(node, request, buffer):
        number = int(v4l2.os.readlink(f"/proc/self/fd/{node}").rpartition("video")[2])
        if number not in known:
            raise OSError("no such request")
        index, pixels, *size = struct.unpack_from("<4I", buffer)
        sizes = offered[number] if pixels == MJPG else {}
        try:
            if request == QUERYCAP:
                struct.pack_into("<II", buffer, 84, *known[number])
            elif request == SIZES:
                struct.pack_into("<3I", buffer, 8, 1, *list(sizes)[index])
            elif request == RATES:
                struct.pack_into("<3I", buffer, 16, 1, *sizes[tuple(size)][index])
        except IndexError as error:
            raise OSError("no more") from error

    monkeypatch.setattr(fcntl, "ioctl", answer)
    nodes.mkdir()

    def add(number, name, capabilities=None, index=0, sizes=None):
        folder = listed / f"video{number}"
        folder.mkdir(parents=True)
        (folder / "name").write_text(name + "\n")
        (folder / "index").write_text(f"{index}\n")
        (nodes / f"video{number}").touch()
        if capabilities:
            known[number], offered[number] = capabilities, sizes or {}

    return add


@linux_only
def test_cameras_are_named_in_the_order_of_their_numbers(plug_in):
    plug_in(10, "Stick", (CAPTURE, 0))
    plug_in(2, "Built-in", (CAPTURE | METADATA | SEVERAL, CAPTURE))
    plug_in(3, "Built-in", (CAPTURE | METADATA | SEVERAL, METADATA))
    plug_in(4, "Radio", (METADATA, 0))
    assert cameras() == [Camera(2, "Built-in"), Camera(10, "Stick")]
    assert [str(each) for each in cameras()] == ["Built-in (camera 2)", "Stick (camera 10)"]
    assert (camera_at(10), camera_at(3)) == (Camera(10, "Stick"), Camera(3))


@linux_only
def test_a_camera_tells_what_it_offers(plug_in):
    sizes = {
        (1280, 720): [(1, 60), (1, 30), (1, 15)],
        (160, 120): [(1, 30)],
        (1920, 1080): [(1001, 30000), (1, 5)],
        (640, 480): [],
    }
    plug_in(0, "Stick", (CAPTURE, 0), sizes=sizes)
    (camera,) = cameras()
    assert [str(mode) for mode in camera.modes] == [
        "as the camera likes",
        "1920 × 1080, 29.97 fps",
        "1280 × 720, 60 fps",
        "1280 × 720, 30 fps",
        "640 × 480",
    ]


@linux_only
def test_a_camera_that_does_not_tell_is_offered_the_usual(plug_in):
    plug_in(0, "Stick", (CAPTURE, 0))
    plug_in(1, "Mute")
    assert [camera.modes for camera in cameras()] == [MODES, MODES]


@linux_only
def test_a_driver_that_never_ends_is_not_listened_to_for_ever(plug_in, monkeypatch):
    plug_in(0, "Stick", (CAPTURE, 0), sizes={(640, 480): [(1, 30)]})
    answer = fcntl.ioctl

    def endless(node, request, buffer):
        buffer[:4] = bytes(4)
        answer(node, request, buffer)

    monkeypatch.setattr(fcntl, "ioctl", endless)
    (camera,) = cameras()
    assert camera.modes == (AS_IT_LIKES, Mode((640, 480), 30))


@linux_only
def test_drivers_that_do_not_answer(plug_in):
    plug_in(0, "Built-in", index=0)
    plug_in(1, "Built-in", index=1)
    assert cameras() == [Camera(0, "Built-in")]


@linux_only
def test_no_camera_at_all(plug_in):
    assert cameras() == []
    assert str(camera_at(0)) == "camera 0"


@linux_only
def test_a_camera_is_found_under_its_new_number(plug_in):
    plug_in(1, "Stick", (CAPTURE, 0))
    plug_in(4, "Stick", (CAPTURE, 0))
    assert find(Camera(4, "Stick"), cameras) == Camera(4, "Stick")
    assert find(Camera(0, "Stick"), cameras) == Camera(1, "Stick")
    assert find(Camera(0, "Built-in"), cameras) is None
    assert find(Camera(7), cameras) == Camera(7)


def test_other_systems_are_asked_through_a_library(monkeypatch):
    def enumerate_cameras(backend):
        assert backend == devices.BACKEND
        return [SimpleNamespace(index=1, name="Stick"), SimpleNamespace(index=0, name="Built-in")]

    library = SimpleNamespace(enumerate_cameras=enumerate_cameras)
    monkeypatch.setattr(devices.sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", library)
    assert cameras() == [Camera(0, "Built-in"), Camera(1, "Stick")]


def test_modes_for_people():
    shown = [str(each) for each in (Mode(), Mode((640, 480)), Mode((1280, 720), 30), Mode(rate=15))]
    assert shown == ["as the camera likes", "640 × 480", "1280 × 720, 30 fps", "15 fps"]
