"""A file played like a video: the playhead, and what it shows, found by threads of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from threading import Condition
from time import perf_counter
from typing import Protocol

from dfmamba.frame import Frame
from dfmamba.pipeline import HandEstimator
from dfmamba.pipeline.reader import HandReader
from dfmamba_live.latest import Clock, Latest
from dfmamba_live.result import Result, no_hands
from dfmamba_live.review.cache import Cache, give_back_memory
from dfmamba_live.review.decoder import FRAME_BYTES, Decoder, frame_bytes
from dfmamba_live.review.findings import Finding, Findings
from dfmamba_live.review.inference import Inference
from dfmamba_live.review.playhead import Playhead
from dfmamba_live.review.requests import Request
from dfmamba_live.review.thumbnails import Thumbnailer
from dfmamba_live.sources import FrameReader
from dfmamba_live.threads import Job, Threads


@dataclass(frozen=True)
class Transport:
    """How a clip is played."""

    index: int
    """The frame that is due."""
    playing: bool
    """Whether it plays or stands still."""
    looping: bool
    """Whether it starts again at the end of the loop."""
    speed: float
    """Times as fast as the clip was taken."""
    a: int | None
    """The first frame of the loop, see `Playhead`."""
    b: int | None
    """The last one."""


class Listener(Protocol):
    """Who is told what a player does, from any thread."""

    def on_result(self) -> None:
        """`take` has a result."""

    def on_change(self) -> None:
        """`transport` tells something else than a new index."""

    def on_progress(self) -> None:
        """There are new thumbnails or findings."""

    def on_message(self, line: str) -> None:
        """Something does not work, and the rest goes on; a line for people."""

    def on_failure(self, line: str) -> None:
        """The player has stopped; a line for people."""


class Player:
    """Plays, steps and scrubs one clip; every method returns at once.

    The frame that was asked for last is shown: at rest at once, as a thumbnail while it is decoded,
    its hands as soon as they are there. While playing it is shown with its hands or skipped, so
    that a slow network never leaves them behind; only until the first of them come it plays
    without. Whatever was asked for before is dropped.

    One thread alone uses the estimator, which stays the caller's to close. clock: what the clip
    plays by.
    """

    def __init__(
        self,
        open_clip: Callable[[], FrameReader],
        estimator: HandEstimator,
        listener: Listener,
        clock: Clock = perf_counter,
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
        self._listener, self._clock = listener, clock
        self._decoder = Decoder(clip, self.frames, self)
        self._inference = Inference(open_clip, estimator, self.frames, self.findings, self, clock)
        self._thumbnailer = Thumbnailer(open_clip, len(clip), self.frames, listener.on_progress)
        self.thumbnails = self._thumbnailer.thumbnails
        self._moved = Condition()
        self._playhead = Playhead(self.times)
        self._request = Request(0, 0, False, clock())
        self._renew = True
        self._told_playing = False
        self._results: Latest[Result] = Latest()
        self._rank = -1, 0
        self._joined = False
        self._skipped = 0
        self._played = -1
        self._closing = False
        jobs = {
            "playhead": self._follow,
            "decoder": self._decoder.run,
            "inference": self._inference.run,
            "thumbnails": self._thumbnailer.run,
        }
        self._threads = Threads(
            [Job(name, "review", work) for name, work in jobs.items()], listener.on_failure
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
        self._decoder.asked.close()
        self._inference.asked.close()
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
            index = head.index(self._clock())
            return Transport(index, head.playing, head.looping, head.speed, head.a, head.b)

    def take(self) -> Result | None:
        """The newest result not taken yet."""
        return self._results.take()

    # From the playhead to the result: each stage runs in its own thread and drops what is stale.

    def _follow(self) -> None:
        while (request := self._next_request()) is not None:
            frame = self.frames.get(request.index)
            if frame is not None:
                self.on_decoded(request, frame)
                continue
            picture = self.thumbnails.nearest(request.index)
            if picture is not None and not request.playing:
                time_s = self.times[request.index]
                self._show(request, 0, Frame(picture, time_s, index=request.index), None)
            self._decoder.asked.put(request, request.number)

    def _next_request(self) -> Request | None:
        """The frame that is due next, waited for; None at the end."""
        with self._moved:
            while not self._closing:
                now, head, before = self._clock(), self._playhead, self._request
                index = head.index(now)
                if head.playing != self._told_playing:  # it may have come to the end by itself
                    self._told_playing, self._renew = head.playing, True
                    self._listener.on_change()
                if index != before.index or self._renew:
                    self._renew = False
                    self._request = Request(before.number + 1, index, head.playing, now)
                    return self._request
                wait_s = head.wait_s(now)
                self._moved.wait(None if wait_s == inf else wait_s)
        return None

    def on_decoded(self, request: Request, frame: Frame) -> None:
        """Show a frame with what is known of it, and have its hands found."""
        finding = self._inference.recall(request.index)
        complete = finding is not None and self._inference.complete(finding)
        self._joined |= complete
        if complete or not request.playing or not self._joined:
            self._show(request, 2 if finding else 1, frame, finding)
        stale = request.number != self._request.number and not request.playing
        if not stale and not complete:
            self._inference.asked.put((request, frame), request.number)

    def on_found(self, request: Request, frame: Frame, finding: Finding, started: float) -> None:
        """Show a frame with its hands."""
        self._joined = True
        self._show(request, 2, frame, finding, started)
        self._listener.on_progress()

    def on_settled(self, index: int) -> None:
        """Show the settled estimate of the frame that is looked at."""
        self._listener.on_progress()
        if index == self._request.index and not self._request.playing:
            self.refresh()

    def on_message(self, line: str) -> None:
        """Hand a line for people on."""
        self._listener.on_message(line)

    def _show(
        self,
        request: Request,
        stage: int,
        frame: Frame,
        finding: Finding | None,
        started: float | None = None,
    ) -> None:
        """Leave a result to be taken, unless a newer one was left before."""
        now = self._clock()
        with self._moved:
            if (request.number, stage) < self._rank:
                return
            self._rank = request.number, stage
            if request.playing and 0 <= self._played < request.index:
                self._skipped += request.index - self._played - 1
            self._played = request.index if request.playing else -1
            frame = replace(frame, captured=request.asked)
            self._results.put(
                Result(
                    frame,
                    finding.estimate if finding else no_hands(frame),
                    self._skipped,
                    started or now,
                    now,
                    pending=finding is None,
                    difference=finding.difference if finding else None,
                )
            )
        self._listener.on_result()

    def _move(self, change: Callable[[Playhead, float], None], silently: bool = False) -> None:
        with self._moved:
            change(self._playhead, self._clock())
            self._moved.notify()
        if not silently:
            self._listener.on_change()
