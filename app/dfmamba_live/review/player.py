"""A file played like a video: the playhead, and what it shows, found by threads of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from threading import Condition
from time import perf_counter

from dfmamba.frame import Frame
from dfmamba.pipeline import HandEstimator
from dfmamba.pipeline.reader import HandReader
from dfmamba_live.review.cache import Cache, give_back_memory
from dfmamba_live.review.decoder import FRAME_BYTES, Decoder, frame_bytes
from dfmamba_live.review.findings import Findings
from dfmamba_live.review.inference import Inference, Sight
from dfmamba_live.review.playhead import Playhead
from dfmamba_live.review.requests import Want
from dfmamba_live.review.thumbnails import Thumbnailer
from dfmamba_live.sources import FrameReader
from dfmamba_live.threads import Job, Threads


@dataclass(frozen=True, eq=False)
class View:
    """A frame to show.

    sight: what is known of it, None before its hands are found. left_out: frames that were due
    while playing and never shown, so far. started, finished: when work on its hands began and
    ended, by `time.perf_counter`.
    """

    frame: Frame
    sight: Sight | None
    left_out: int
    started: float
    finished: float


@dataclass(frozen=True)
class Transport:
    """How a clip is played. index: the frame that is due; a, b: see `Playhead`."""

    index: int
    playing: bool
    looping: bool
    speed: float
    a: int | None
    b: int | None


class Player:
    """Plays, steps and scrubs one clip; every method returns at once.

    The newest wanted frame is shown: at rest at once, as a thumbnail while it is decoded, its hands
    as soon as they are there. While playing it is shown with its hands or left out, so that a slow
    network never leaves them behind; only until the first of them come it plays without. Whatever
    was wanted before is dropped.

    shown: called when `take` has a view. changed: called when `transport` tells something else than
    a new index. filled: called when there are new thumbnails or findings. told: handed a line for
    people. failed: handed one that ends it all. They are called from any thread. The estimator is
    lent; one thread alone uses it.
    """

    def __init__(
        self,
        open_clip: Callable[[], FrameReader],
        estimator: HandEstimator,
        *,
        shown: Callable[[], None],
        changed: Callable[[], None],
        filled: Callable[[], None],
        told: Callable[[str], None],
        failed: Callable[[str], None],
    ) -> None:
        """Open the clip.

        Raises:
            UserError: it cannot be read.
        """
        clip = open_clip()
        self.times: Sequence[float] = clip.times_s.tolist()
        self.findings = Findings(len(clip))
        self.frames: Cache[int, Frame] = Cache(FRAME_BYTES, frame_bytes)
        self._clip = clip
        self._shown, self._changed, self._filled, self._failed = shown, changed, filled, failed
        self._decoder = Decoder(clip, self.frames, self._decoded, told)
        self._inference = Inference(
            open_clip, estimator, self.frames, self.findings,
            self._found, self._settled, told,
        )  # fmt: skip
        self._thumbnailer = Thumbnailer(open_clip, len(clip), self.frames, filled)
        self.thumbnails = self._thumbnailer.thumbnails
        self._moved = Condition()
        self._playhead = Playhead(self.times)
        self._want = Want(0, 0, False, perf_counter())
        self._renew = True
        self._told_playing = False
        self._view: View | None = None
        self._rank = -1, 0
        self._joined = False
        self._left_out = 0
        self._played = -1
        self._closing = False
        jobs = {
            "playhead": self._follow,
            "decoder": self._decoder.run,
            "inference": self._inference.run,
            "thumbnails": self._thumbnailer.run,
        }
        self._threads = Threads(
            [Job(name, "review", work) for name, work in jobs.items()], self._failed
        )

    # What a person does.

    def start(self) -> None:
        """Start the threads and show the first frame."""
        self._threads.start()

    def close(self) -> bool:
        """Stop and join the threads; False where one hangs and was left behind."""
        with self._moved:
            self._closing = True
            self._moved.notify()
        self._decoder.wanted.close()
        self._inference.wanted.close()
        self._thumbnailer.close()
        if not self._threads.join():
            return False
        self._clip.close()
        self.frames.clear()
        give_back_memory()
        return True

    def pause(self, paused: bool) -> None:
        """Stay where we are, or play on."""
        self._joined = False
        self._renew = True  # what was left out while playing is shown at rest
        self._move(lambda head, now: head.pause(now) if paused else head.play(now))

    def seek(self, index: int) -> None:
        """Go to a frame; playing goes on from there."""
        self._joined = False
        self._move(lambda head, now: head.seek(index, now), silently=True)

    def step(self, frames: int) -> None:
        """Go so many frames on, or back, and stay there."""
        self._move(lambda head, now: head.step(frames, now))

    def set_speed(self, speed: float) -> None:
        """Play so many times as fast as the clip was taken."""
        self._move(lambda head, now: head.set_speed(speed, now))

    def set_looping(self, looping: bool) -> None:
        """Start again at the end of the loop, or stop at that of the clip."""
        self._move(lambda head, now: head.set_looping(looping, now))

    def loop_from_here(self) -> None:
        """Let the loop start with this frame."""
        self._move(lambda head, now: head.set_a(head.index(now)))

    def loop_to_here(self) -> None:
        """Let the loop end with this frame."""
        self._move(lambda head, now: head.set_b(head.index(now)))

    def clear_loop(self) -> None:
        """Loop over the whole clip."""
        self._move(lambda head, _: head.clear_loop())

    def trace(self, tracing: bool) -> None:
        """Read the deformable layers too, or no longer."""
        self._inference.tracing = tracing
        self.refresh()

    @property
    def comparing(self) -> bool:
        """Whether there are weights to compare with; not once they turned out to be unusable."""
        return self._inference.comparing

    def compare(self, load: Callable[[], HandReader] | None) -> None:
        """Compare with another network, read from disk off this thread; None: no longer."""
        self._inference.compare(load)
        self.refresh()

    def refresh(self) -> None:
        """Look at the shown frame again, for what is not known of it yet."""
        with self._moved:
            self._renew = True
            self._moved.notify()

    # What there is to see.

    @property
    def transport(self) -> Transport:
        """How the clip is played just now."""
        with self._moved:
            head = self._playhead
            index = head.index(perf_counter())
            return Transport(index, head.playing, head.looping, head.speed, head.a, head.b)

    def take(self) -> View | None:
        """The newest view not taken yet."""
        with self._moved:
            view, self._view = self._view, None
        return view

    # From the playhead to the view: each stage runs in its own thread and drops what is stale.

    def _follow(self) -> None:
        while (want := self._next_want()) is not None:
            frame = self.frames.get(want.index)
            if frame is not None:
                self._decoded(want, frame)
                continue
            picture = self.thumbnails.nearest(want.index)
            if picture is not None and not want.playing:
                self._show(want, 0, Frame(picture, self.times[want.index], index=want.index), None)
            self._decoder.wanted.put(want.ticket, want)

    def _next_want(self) -> Want | None:
        """The frame that is due next, waited for; None at the end."""
        with self._moved:
            while not self._closing:
                now, head, before = perf_counter(), self._playhead, self._want
                index = head.index(now)
                if head.playing != self._told_playing:  # it may have come to the end by itself
                    self._told_playing, self._renew = head.playing, True
                    self._changed()
                if index != before.index or self._renew:
                    self._renew = False
                    self._want = Want(before.ticket + 1, index, head.playing, now)
                    return self._want
                wait_s = head.wait_s(now)
                self._moved.wait(None if wait_s == inf else wait_s)
        return None

    def _decoded(self, want: Want, frame: Frame) -> None:
        sight = self._inference.recall(want.index)
        whole = sight is not None and sight.whole
        self._joined |= whole
        if whole or not want.playing or not self._joined:
            self._show(want, 2 if sight else 1, frame, sight)
        stale = want.ticket != self._want.ticket and not want.playing
        if not stale and not whole:
            self._inference.wanted.put(want.ticket, (want, frame))

    def _found(self, want: Want, frame: Frame, sight: Sight, started: float) -> None:
        self._joined = True
        self._show(want, 2, frame, sight, started)
        self._filled()

    def _settled(self, index: int) -> None:
        self._filled()
        if index == self._want.index and not self._want.playing:
            self.refresh()

    def _show(
        self,
        want: Want,
        stage: int,
        frame: Frame,
        sight: Sight | None,
        started: float | None = None,
    ) -> None:
        """Leave a view to be taken, unless a newer one was left before."""
        now = perf_counter()
        with self._moved:
            if (want.ticket, stage) < self._rank:
                return
            self._rank = want.ticket, stage
            if want.playing and 0 <= self._played < want.index:
                self._left_out += want.index - self._played - 1
            self._played = want.index if want.playing else -1
            frame = replace(frame, captured=want.asked)
            self._view = View(frame, sight, self._left_out, started or now, now)
        self._shown()

    def _move(self, change: Callable[[Playhead, float], None], silently: bool = False) -> None:
        with self._moved:
            change(self._playhead, perf_counter())
            self._moved.notify()
        if not silently:
            self._changed()
