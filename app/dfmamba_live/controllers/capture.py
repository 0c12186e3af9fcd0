"""Keeping what is seen: recordings while something plays, and snapshots."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import cv2
from PySide6.QtCore import QObject, QStandardPaths, Signal

from dfmamba.errors import UserError
from dfmamba.files import draft_of
from dfmamba_live.play.session import Session
from dfmamba_live.recording import Recorder, draw_hands, open_export
from dfmamba_live.result import Result
from dfmamba_live.sources import Source
from dfmamba_live.state import Store, ViewState

VIDEOS = QStandardPaths.StandardLocation.MoviesLocation
PICTURES = QStandardPaths.StandardLocation.PicturesLocation


class Capture(QObject):
    """Follows the state's `recording`, and takes snapshots; the disk is waited for elsewhere.

    `told` carries a line for people. `recorded` carries how many frames are recorded so far, and
    None once nothing is. model: name and SHA-256 of the weights.
    """

    told = Signal(str)
    recorded = Signal(object)

    def __init__(self, session: Session, store: Store, model: Mapping[str, str]) -> None:
        super().__init__()
        self.session, self.store, self._model = session, store, model
        self._recorder: Recorder | None = None
        self._newest: tuple[int, float] | None = None
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="disk")
        store.changed.connect(self._follow)
        session.result.connect(self._add)
        session.opened.connect(self._stop_recording)

    def take_snapshot(self) -> None:
        """Save the frame with its hands as a picture, and the hands as JSON beside it."""
        if self.session.latest is None or self.session.latest.pending:
            self.told.emit("there is no picture yet")
            return
        path = _place(PICTURES).with_suffix(".png")
        self._disk.submit(self._write_snapshot, path, self.session.latest, self.session.source)

    def close(self) -> None:
        """Finish what is being written."""
        self._stop_recording()
        self._disk.shutdown()

    def _follow(self, state: ViewState) -> None:
        if state.recording and self._recorder is None:
            self._start()
        elif not state.recording and self._recorder is not None:
            recorder, self._recorder = self._recorder, None
            self.recorded.emit(None)
            self._disk.submit(self._finish, recorder)

    def _start(self) -> None:
        settings = self.session.settings
        try:
            self._recorder = Recorder(_place(VIDEOS), self.session.source, self._model, settings)
        except UserError as error:
            self.told.emit(str(error))
            self.store.change(recording=False)
            return
        shown = self.session.latest
        self._newest = (shown.frame.index, shown.frame.time_s) if shown else None
        self.recorded.emit(0)

    def _add(self, result: Result) -> None:
        if self._recorder is None or result.pending:
            return
        frame = result.frame
        if (frame.index, frame.time_s) == self._newest:
            return  # a held frame that was looked at once more, as for its scan
        self._newest = frame.index, frame.time_s
        if self.session.source.path is not None:
            # A file may be looped and gone through: what counts is when a frame was seen.
            frame = replace(frame, time_s=result.finished)
        self._recorder.add(frame, result.estimate.hands)
        self.recorded.emit(self._recorder.written)
        if self._recorder.failure:
            self._stop_recording()

    def _stop_recording(self) -> None:
        self.store.change(recording=False)

    # On the thread for the disk.

    def _finish(self, recorder: Recorder) -> None:
        recorder.stop()
        self.told.emit(str(recorder))

    def _write_snapshot(self, path: Path, result: Result, source: Source) -> None:
        hands = result.estimate.hands
        picture = cv2.cvtColor(draw_hands(result.frame.image, hands), cv2.COLOR_RGB2BGR)
        try:
            with draft_of(path) as draft:
                draft.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
            with open_export(path.with_suffix(".json"), source, self._model) as export:
                export.add(result.frame, hands)
        except (OSError, UserError) as error:
            self.told.emit(f"the snapshot was not saved: {error}")
            return
        self.told.emit(f"saved {path}, and its hands as .json")


def _place(kind: QStandardPaths.StandardLocation) -> Path:
    """A new name in the person's own folder for that kind of file."""
    folder = Path(QStandardPaths.writableLocation(kind))
    folder = folder if folder.is_dir() else Path.home()
    name = f"dfmamba-{datetime.now():%Y%m%d-%H%M%S}"
    taken = {path.stem for path in folder.glob(f"{name}*")}
    names = (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3)))
    return folder / next(each for each in names if each not in taken)
