"""Choosing a camera: a menu that names those that are there, and tells when one comes or goes."""

from pathlib import Path
from threading import Thread

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from dfmamba_live.play.session import Session
from dfmamba_live.settings import last_camera
from dfmamba_live.sources import AS_IT_LIKES, MODES, Camera, Choice, Mode, Source, cameras

DEVICES = Path("/dev")
SETTLE_MS = 500
"""A camera that is plugged in brings several devices, and its rights come a little later."""
JOIN_S = 0.5


class Cameras(QObject):
    """The menu of cameras, resolutions and rates. `told` carries what came or went, for people.

    present: the cameras that are there, None until first looked for.
    """

    told = Signal(str)
    _listed = Signal(object)

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self.present: list[Camera] | None = None
        self.menu = QMenu(window)
        self._session = session
        self._camera: Camera | None = None
        self._mode = AS_IT_LIKES
        self._thread: Thread | None = None
        self._watcher = QFileSystemWatcher([str(DEVICES)] if DEVICES.is_dir() else [], self)
        self._settling = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settling.timeout.connect(self.look)
        self._watcher.directoryChanged.connect(lambda _: self._settling.start())
        self._listed.connect(self._take)
        self.menu.aboutToShow.connect(self.look)
        session.opened.connect(self._follow)
        self._fill()

    def look(self) -> None:
        """Find out which cameras there are, off the main thread: a driver may hang."""
        if self._thread is None:
            self._thread = Thread(target=self._list, name="cameras", daemon=True)
            self._thread.start()

    def choose(self, camera: Camera) -> None:
        """Play a camera, in the chosen mode."""
        self._session.open(Choice(camera, self._mode))

    def choose_mode(self, mode: Mode) -> None:
        """Ask the running camera, or the next one, for another resolution or rate."""
        self._mode = mode
        if self._camera is not None:
            self.choose(self._camera)
        self._fill()

    def close(self) -> None:
        """Stop looking."""
        self._settling.stop()
        self._watcher.removePaths(self._watcher.directories())
        if self._thread is not None:
            self._thread.join(JOIN_S)

    def _list(self) -> None:
        self._listed.emit(cameras())

    def _take(self, found: list[Camera]) -> None:
        self._thread = None
        if found == self.present:
            return
        if self.present is not None:
            for camera in found:
                if camera not in self.present:
                    self.told.emit(f"{camera} was plugged in; press C to choose it")
            for camera in self.present:
                if camera not in found and camera != self._camera:
                    self.told.emit(f"{camera} was unplugged")
        self.present = found
        self._fill()

    def _follow(self, source: Source) -> None:
        kept = last_camera() if source.kind == "camera" else None
        self._camera = None
        if kept is not None:  # whoever opens a camera remembers it
            self._camera, self._mode = kept
        self._fill()

    def _fill(self) -> None:
        menu = self.menu
        menu.clear()
        menu.addSection("Camera")
        for camera in self.present or ():
            action = menu.addAction(str(camera))
            action.setCheckable(True)
            action.setChecked(camera == self._camera)
            action.triggered.connect(lambda _, camera=camera: self.choose(camera))
        if not self.present:
            looking = self.present is None
            menu.addAction("Looking for cameras…" if looking else "None found; plug one in")
            menu.actions()[-1].setEnabled(False)
        menu.addSection("Resolution and rate")
        modes = QActionGroup(menu)
        offered = next((each.modes for each in self.present or () if each == self._camera), MODES)
        for mode in dict.fromkeys((*offered, self._mode)):
            action = modes.addAction(str(mode))
            action.setCheckable(True)
            action.setChecked(mode == self._mode)
            action.triggered.connect(lambda _, mode=mode: self.choose_mode(mode))
        menu.addActions(modes.actions())
        menu.addSeparator()
        clip = menu.addAction("Built-in clip")
        clip.triggered.connect(lambda _: self._session.open(Choice()))
