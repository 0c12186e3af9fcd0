"""Opening files and folders: by dialogue, from those of last time, and dropped on the window."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from dfmamba_live.play.session import Session

FILES = (
    "Videos and pictures (*.mp4 *.mov *.avi *.mkv *.webm *.jpg *.jpeg *.png *.bmp *.webp);;"
    "All files (*)"
)
KEPT = 10
"""How many files of last time are offered."""


def ask(dialog: QFileDialog, then: Callable[[Path], object]) -> None:
    """Show a file dialogue beside the window, which goes on; hand on what is chosen."""
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.setModal(False)
    dialog.show()


class Files(QObject):
    """Hands what a person picks to the session, and remembers it.

    recent: what was opened, the latest first. recent_menu: the same to choose from.
    """

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window, self.session = window, session
        self.recent: tuple[str, ...] = ()
        self.recent_menu = QMenu(window)
        self.recent_menu.aboutToShow.connect(self._fill_recent)

    def open_file(self) -> None:
        """Ask for a video or a picture and play it."""
        self._ask("Open file", QFileDialog.FileMode.ExistingFile)

    def open_folder(self) -> None:
        """Ask for a folder of pictures or a recording and play it."""
        self._ask("Open folder", QFileDialog.FileMode.Directory)

    def open_path(self, path: Path) -> None:
        """Play it, if it can be played."""
        if self.session.open_path(path):
            here = str(path.absolute())
            self.recent = (here, *(each for each in self.recent if each != here))[:KEPT]

    def dropped(self, data: QMimeData) -> Path | None:
        """The file or folder that is being dropped, None where it is something else."""
        names = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        return Path(names[0]) if names else None

    def _ask(self, title: str, mode: QFileDialog.FileMode) -> None:
        folder = str(Path(self.recent[0]).parent) if self.recent else ""
        dialog = QFileDialog(self._window, title, folder, FILES)
        dialog.setFileMode(mode)
        ask(dialog, self.open_path)

    def _fill_recent(self) -> None:
        menu = self.recent_menu
        menu.clear()
        for name in self.recent:
            action = menu.addAction(Path(name).name)
            action.setToolTip(name)
            action.triggered.connect(lambda _, path=Path(name): self.open_path(path))
        if not self.recent:
            menu.addAction("Nothing was opened yet").setEnabled(False)
