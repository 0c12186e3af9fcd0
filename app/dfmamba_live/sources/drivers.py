"""All drivers of cameras: another one is a file beside this one, and its `DRIVER` in the list."""

from dfmamba_live.camera import Camera, Mode
from dfmamba_live.sources import webcam
from dfmamba_live.sources.base import Source
from dfmamba_live.sources.driver import Driver, find

DRIVERS: dict[str, Driver] = {each.name: each for each in (webcam.DRIVER,)}
"""By name."""


def cameras() -> list[Camera]:
    """The cameras of all drivers; call it off the main thread."""
    return [camera for driver in DRIVERS.values() for camera in driver.cameras()]


def camera_at(index: int) -> Camera:
    """The camera of a number, of the first driver that has it; else a webcam that is not there."""
    return next((each for each in cameras() if each.index == index), Camera(index))


def find_again(camera: Camera) -> Camera | None:
    """Where a camera of an earlier run is now; None where it, or its driver, is not there."""
    driver = DRIVERS.get(camera.driver)
    return find(camera, driver.cameras) if driver else None


def open_device(camera: Camera, mode: Mode, wait: bool) -> Source:
    """Open a camera by its driver, see `Driver.open`."""
    return DRIVERS[camera.driver].open(camera, mode, wait)
