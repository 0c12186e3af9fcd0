import fcntl
import struct
import sys
from types import SimpleNamespace

import pytest

from app.sources import devices
from app.sources.devices import Camera, Mode, camera_at, cameras, find

CAPTURE, METADATA, SEVERAL = 0x00000001, 0x00800000, 0x80000000

linux_only = pytest.mark.skipif(devices.sys.platform != "linux", reason="Linux lists its cameras")


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """A function that adds a video node; without capabilities the driver does not answer."""
    listed, nodes, known = tmp_path / "class", tmp_path / "dev", {}
    monkeypatch.setattr(devices, "LISTED", listed)
    monkeypatch.setattr(devices, "NODES", nodes)

    def answer(node, request, buffer):
        number = int(devices.os.readlink(f"/proc/self/fd/{node}").rpartition("video")[2])
        if number not in known:
            raise OSError("no such request")
        struct.pack_into("<II", buffer, 84, *known[number])

    monkeypatch.setattr(fcntl, "ioctl", answer)
    nodes.mkdir()

    def add(number, name, capabilities=None, index=0):
        folder = listed / f"video{number}"
        folder.mkdir(parents=True)
        (folder / "name").write_text(name + "\n")
        (folder / "index").write_text(f"{index}\n")
        (nodes / f"video{number}").touch()
        if capabilities:
            known[number] = capabilities

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
    assert find(Camera(4, "Stick")) == Camera(4, "Stick")
    assert find(Camera(0, "Stick")) == Camera(1, "Stick")
    assert find(Camera(0, "Built-in")) is None
    assert find(Camera(7)) == Camera(7)


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
