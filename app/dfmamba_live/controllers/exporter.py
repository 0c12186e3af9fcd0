"""Exporting the hands of a whole file: a run without a window, in a process of its own."""

import sys
from pathlib import Path

import torch
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dfmamba_live.controllers.opening import ask
from dfmamba_live.play.session import Session
from dfmamba_live.processes import search_path
from dfmamba_live.recording import FORMATS

PROGRAM = """
import os, sys
if hasattr(os, "nice"):
    os.nice(10)
from dfmamba_live.cli import main
sys.exit(main())
"""
NAMES = f"Hands of all frames (*{' *'.join(FORMATS)})"
NO_FILE = "only files can be exported: record first, then open the recording"
STOP_MS = 3000
"""How long an export that is cut short may take to write what it has."""


class Exporter(QObject):
    """Writes what `--headless --export` would, beside the window. `told` carries lines for people.

    window: what dialogues belong to. device: where the network runs. weights: those in use;
    None: the built-in full ones.
    """

    told = Signal(str)

    def __init__(self, window: QWidget, session: Session, device: torch.device) -> None:
        super().__init__(window)
        self.weights: Path | None = None
        self._window, self._session, self._device = window, session, device
        self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONPATH", search_path())
        self._process.setProcessEnvironment(environment)
        self._process.finished.connect(self._tell)
        self._path = Path()

    def ask(self) -> None:
        """Ask where to, and export."""
        source = self._session.source
        if source.path is None:
            self.told.emit(NO_FILE)
            return
        dialog = QFileDialog(self._window, "Export hands", str(source.path.parent), NAMES)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"{source.path.stem}.csv")
        ask(dialog, self.export)

    def export(self, path: Path) -> None:
        """Export to a file, in the format that its name ends in; one export at a time."""
        source = self._session.source.path
        if source is None:
            self.told.emit(NO_FILE)
        elif self._process.state() != QProcess.ProcessState.NotRunning:
            self.told.emit(f"{self._path.name} is still being written; wait for it")
        else:
            self._path = path
            arguments = ["--headless", "--video", str(source), "--export", str(path)]
            settings = self._session.settings
            arguments += ["--fov", f"{settings['fov_deg']:g}"]
            arguments += ["--detector", str(settings["detector"]), "--device", self._device.type]
            arguments += ["--weights", str(self.weights)] if self.weights else []
            self._process.start(sys.executable, ["-c", PROGRAM, *arguments])
            self.told.emit(f"writing {path}; go on meanwhile")

    def close(self) -> None:
        """Cut an export short; what it has by then is kept."""
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.finished.disconnect(self._tell)
            self._process.terminate()
            if not self._process.waitForFinished(STOP_MS):
                self._process.kill()  # it may be stopped, and would never see the polite end
                self._process.waitForFinished(STOP_MS)

    def _tell(self, code: int, how: QProcess.ExitStatus) -> None:
        process = self._process
        if how == QProcess.ExitStatus.CrashExit:
            self.told.emit(f"writing {self._path} was cut short; is there enough memory? try again")
            return
        said = process.readAllStandardError() if code else process.readAllStandardOutput()
        lines = bytes(said.data()).decode(errors="replace").strip().splitlines()
        line = lines[-1] if lines else "the export ended without a word"
        self.told.emit(f"saved {self._path}: {line}" if code == 0 else line)
