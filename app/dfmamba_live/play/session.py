"""What is played: a source, what plays it, and its newest result."""

from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QObject, Signal

from dfmamba.errors import UserError
from dfmamba.pipeline import HandEstimator
from dfmamba_live.latest import Clock
from dfmamba_live.play.clip import ClipPlaying
from dfmamba_live.play.live import LivePlaying
from dfmamba_live.play.playing import Playing
from dfmamba_live.result import Result
from dfmamba_live.sources import Choice, Source, open_choice


class Session(QObject):
    """Plays one source at a time and closes each when another takes over, or at the end.

    A file is reviewed; one that cannot be is played like a camera. `opened` carries the source that
    starts, `reviewed` its `ClipPlaying` once it can be gone through, `result` each new result,
    `away` why a source waits ("" once it is back), `refused` what could not be done, as why another
    source could not be opened, `failed` why the running one stopped; `ended` tells that it is over.
    The estimator stays the caller's to close.

    clock: what files play by. latest: the newest result of this source. failure: why it stopped, or
    None.
    """

    opened = Signal(object)
    reviewed = Signal(object)
    result = Signal(object)
    away = Signal(str)
    refused = Signal(str)
    failed = Signal(str)
    ended = Signal()

    def __init__(
        self, source: Source, estimator: HandEstimator, clock: Clock = perf_counter
    ) -> None:
        super().__init__()
        self.source = source
        self.latest: Result | None = None
        self.failure: str | None = None
        self._estimator, self._clock = estimator, clock
        self._paused = False
        self._tracing = False
        self._playing: Playing | None = None

    @property
    def settings(self) -> dict[str, float | str]:
        """What results depend on, beside the network (`HandEstimator.settings`)."""
        return self._estimator.settings

    def start(self) -> None:
        """Play the source."""
        self.latest = self.failure = None
        self.opened.emit(self.source)
        path = self.source.path
        if path is None:
            self._play()
            return
        clip = ClipPlaying(path, self._estimator, self._clock)
        clip.opened.connect(self._review)
        clip.unfit.connect(self._play_unfit)
        self._run(clip)

    def open(self, choice: Choice) -> bool:
        """Play something else from now on; what cannot be opened leaves all as it is."""
        try:
            source = open_choice(choice)
        except (UserError, OSError) as error:
            self.refused.emit(str(error))
            return False
        self.close()
        self._estimator.reset()
        self.source = source
        self.start()
        return True

    def open_path(self, path: Path) -> bool:
        """Play a video, a picture or a folder of pictures."""
        return self.open(Choice(path=path))

    def pause(self, paused: bool) -> None:
        """Hold the source, or go on."""
        if paused != self._paused and self._playing is not None:
            self._playing.pause(paused)
        self._paused = paused

    def trace(self, tracing: bool) -> None:
        """Read what the deformable layers do, or not; a held frame is looked at once more."""
        if tracing == self._tracing:
            return
        self._tracing = tracing
        if self._playing is None:
            return
        self._playing.tracing = tracing
        if self._paused and tracing and self.latest is not None:
            self._playing.again(self.latest.frame)

    def close(self) -> None:
        """Stop the threads and let go of the source."""
        if self._playing is not None:
            self._playing.stop()
            self._playing = None
        self.source.close()

    def _play(self) -> None:
        live = LivePlaying(self.source, self._estimator, self._clock)
        live.away.connect(self._go_away)
        live.ended.connect(self._end)
        self._run(live)

    def _review(self) -> None:
        if self._is_current():
            self.reviewed.emit(self._playing)

    def _play_unfit(self, reason: str) -> None:
        if self._is_current() and self._playing is not None:
            self._playing.stop()
            self.refused.emit(f"{reason}; until then it plays without a timeline")
            self._play()

    def _run(self, playing: Playing) -> None:
        self._playing = playing
        playing.tracing = self._tracing
        playing.pause(self._paused)
        playing.ready.connect(self._take)
        playing.told.connect(self.refused)
        playing.failed.connect(self._fail)
        playing.start()

    def _take(self) -> None:
        result = self._playing.take() if self._playing is not None else None
        if result is not None:
            self.latest = result
            self.result.emit(result)

    def _is_current(self) -> bool:
        """Whether a signal comes from what plays now, and not from what was stopped."""
        sender: object = self.sender()
        return sender is self._playing

    def _fail(self, message: str) -> None:
        if self._is_current():
            self.failure = message
            self.failed.emit(message)

    def _go_away(self, reason: str) -> None:
        if self._is_current():
            self.away.emit(reason)

    def _end(self) -> None:
        if self._is_current():
            self.ended.emit()
