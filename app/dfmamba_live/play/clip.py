"""A file under review: it plays, and it can be gone through."""

import logging
from functools import partial
from pathlib import Path
from threading import Thread
from time import perf_counter

from PySide6.QtCore import QObject, Signal

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba.pipeline import HandEstimator
from dfmamba_live.latest import Clock
from dfmamba_live.result import Result
from dfmamba_live.review import Overview, Player
from dfmamba_live.sources import open_frames
from dfmamba_live.threads import JOIN_S

log = logging.getLogger(__name__)


class ClipPlaying(QObject):
    """Brings a player's news to the main thread; a `Playing`.

    A file is opened off the main thread. `opened` says that `player` is there, `unfit` carries why
    it never will be: such a file can be played only. `changed`: `player.transport` is another;
    `progress`: there are new thumbnails or findings.
    """

    ready = Signal()
    told = Signal(str)
    failed = Signal(str)
    opened = Signal()
    unfit = Signal(str)
    changed = Signal()
    progress = Signal()

    def __init__(self, path: Path, estimator: HandEstimator, clock: Clock = perf_counter) -> None:
        super().__init__()
        self.player: Player | None = None
        self._path, self._estimator, self._clock = path, estimator, clock
        self._paused = self._tracing = False
        self._progress_told = False
        self._found: Player | UserError | None = None
        self._opening = Thread(target=self._open, name="opening", daemon=True)
        self._open_done.connect(self._begin)

    _open_done = Signal()

    def start(self) -> None:
        """Open the file, and play."""
        self._opening.start()

    def stop(self) -> bool:
        """Stop and join all threads; False where one hangs and was left behind."""
        if self._opening.ident is not None:
            self._opening.join(JOIN_S)
        found, self._found, self.player = self._found, None, None
        closed = found.close() if isinstance(found, Player) else True
        return closed and not self._opening.is_alive()

    def pause(self, paused: bool) -> None:
        """Hold the picture, or play on."""
        self._paused = paused
        if self.player is not None:
            self.player.pause(paused)

    @property
    def tracing(self) -> bool:
        """Whether the deformable layers are read too."""
        return self._tracing

    @tracing.setter
    def tracing(self, tracing: bool) -> None:
        self._tracing = tracing
        if self.player is not None:
            self.player.trace(tracing)

    def again(self, _frame: Frame) -> None:
        """Look at the shown frame once more."""
        if self.player is not None:
            self.player.refresh()

    def take(self) -> Result | None:
        """The newest result not taken yet."""
        return self.player.take() if self.player is not None else None

    def overview(self) -> Overview | None:
        """What is known of the whole file by now."""
        self._progress_told = False
        return self.player.findings.overview() if self.player is not None else None

    # What the player tells, from any thread.

    def on_result(self) -> None:
        """There is a result to take."""
        self.ready.emit()

    def on_change(self) -> None:
        """The transport is another."""
        self.changed.emit()

    def on_progress(self) -> None:
        """More is known; however often that is, the window is told at its own pace."""
        if not self._progress_told:
            self._progress_told = True
            self.progress.emit()

    def on_message(self, line: str) -> None:
        """Something did not work, and the rest goes on."""
        self.told.emit(line)

    def on_failure(self, line: str) -> None:
        """The review is over."""
        self.failed.emit(line)

    def _open(self) -> None:
        try:
            self._found = Player(
                partial(open_frames, self._path), self._estimator, self, self._clock
            )
        except UserError as error:
            self._found = error
        except Exception as error:
            log.debug("a file was not opened", exc_info=True)
            self._found = UserError(f"{self._path.name}: {type(error).__name__}: {error}")
        self._open_done.emit()

    def _begin(self) -> None:
        if isinstance(self._found, UserError):
            self.unfit.emit(str(self._found))
        elif self._found is not None:
            self.player = self._found
            self.player.pause(self._paused)
            self.player.trace(self._tracing)
            self.player.start()
            self.opened.emit()
