"""The commands that open and save."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.session import Session

VIDEOS = "Videos (*.mp4 *.mov *.avi *.mkv *.webm);;All files (*)"


class Files(QObject):
    """Asks for files and hands them on; `told` carries a line for people.

    window: what dialogues belong to and screenshots show.
    """

    told = Signal(str)

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session

    def open_video(self) -> None:
        """Ask for a video file and play it."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open video", "", VIDEOS)
        if name:
            self._session.open_path(Path(name))

    def save_screenshot(self) -> None:
        """Save the window as a picture in the person's own pictures folder."""
        folder = Path(
            QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        )
        if not folder.is_dir():
            folder = Path.home()
        path = folder / f"dfmamba-{datetime.now():%Y%m%d-%H%M%S}.png"
        saved = self._window.grab().save(str(path))
        self.told.emit(f"saved {path}" if saved else f"{path} could not be written")
