"""A file under review, as the session knows a worker: it plays, and it can be gone through."""

import logging
from functools import partial
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QObject, Signal

from dfmamba.errors import UserError
from dfmamba.frame import Frame
from dfmamba.pipeline import STAGES, Estimate, HandEstimator
from dfmamba_live.play.result import Result
from dfmamba_live.review import Lane, Player
from dfmamba_live.sources import open_frames
from dfmamba_live.threads import JOIN_S

log = logging.getLogger(__name__)


class Reviewer(QObject):
    """Brings a player's news to the main thread; what it offers beside is a `Worker`'s.

    A file is opened off the main thread. `opened` says that `player` is there, `unfit` carries why
    it never will be: such a file can be played only. `ready`, `changed` and `filled`: see `Player`.
    `told` carries a line for people, `failed` one that ends the review.
    """

    opened = Signal()
    unfit = Signal(str)
    ready = Signal()
    changed = Signal()
    filled = Signal()
    told = Signal(str)
    failed = Signal(str)

    def __init__(self, path: Path, estimator: HandEstimator) -> None:
        super().__init__()
        self.player: Player | None = None
        self._path, self._estimator = path, estimator
        self._paused = self._tracing = False
        self._filling = False
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
        view = self.player.take() if self.player is not None else None
        if view is None:
            return None
        sight = view.sight
        return Result(
            view.frame,
            sight.finding.estimate if sight else _nothing(view.frame),
            view.left_out,
            view.started,
            view.finished,
            pending=sight is None,
            difference=sight.difference if sight else None,
        )

    def lane(self) -> Lane | None:
        """What is known of the whole file by now."""
        self._filling = False
        return self.player.findings.lane() if self.player is not None else None

    def _open(self) -> None:
        try:
            self._found = Player(
                partial(open_frames, self._path),
                self._estimator,
                shown=self.ready.emit,
                changed=self.changed.emit,
                filled=self._fill,
                told=self.told.emit,
                failed=self.failed.emit,
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

    def _fill(self) -> None:
        if not self._filling:  # however often something is found, the window is told at its pace
            self._filling = True
            self.filled.emit()


def _nothing(frame: Frame) -> Estimate:
    """What stands in for the estimate of a frame until that is there."""
    return Estimate((), frame.intrinsics(), dict.fromkeys(STAGES, 0.0), detected=False)
