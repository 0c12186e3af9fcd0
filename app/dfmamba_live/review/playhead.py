"""Which frame is due: play, step, loop and speed as arithmetic on a clock that is handed in."""

from bisect import bisect_right
from collections.abc import Sequence
from math import inf

SPEEDS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0)
LONE_FRAME_S = 1.0
"""How long a clip of one picture lasts."""


class Playhead:
    """The place in a clip whose frames start at `times` (seconds, growing).

    `now` is any steady clock in seconds. a, b: first and last frame of the loop, None for the
    clip's own; looping: whether playing goes back to a after b, instead of stopping at the end.
    """

    def __init__(self, times: Sequence[float]) -> None:
        self.playing = False
        self.looping = True
        self.speed = 1.0
        self.a: int | None = None
        self.b: int | None = None
        self._times = times
        count = len(times)
        gap = (times[-1] - times[0]) / (count - 1) if count > 1 else LONE_FRAME_S
        self._end_s = times[-1] + gap
        self._place_s, self._since = times[0], 0.0

    @property
    def last(self) -> int:
        """The index of the clip's last frame."""
        return len(self._times) - 1

    def index(self, now: float) -> int:
        """The frame that is due."""
        self._advance(now)
        return min(max(bisect_right(self._times, self._place_s) - 1, 0), self.last)

    def wait_s(self, now: float) -> float:
        """Seconds until another frame is due; endless while nothing plays."""
        following = self.index(now) + 1
        if not self.playing:
            return inf
        next_s = self._times[following] if following <= self.last else self._end_s
        return max(0.0, (next_s - self._place_s) / self.speed)

    def play(self, now: float) -> None:
        """Go on from here; at the end, from the start."""
        if not self.playing and not self.looping and self.index(now) == self.last:
            self._place_s = self._times[0]
        self._since, self.playing = now, True

    def pause(self, now: float) -> None:
        """Stay on the frame that is due."""
        self.seek(self.index(now), now)
        self.playing = False

    def seek(self, index: int, now: float) -> None:
        """Go to a frame, at the start of its time; beyond either end, to the last one there."""
        self._place_s, self._since = self._times[min(max(index, 0), self.last)], now

    def step(self, frames: int, now: float) -> None:
        """Go so many frames on, or back, and stay there."""
        self.seek(self.index(now) + frames, now)
        self.playing = False

    def set_speed(self, speed: float, now: float) -> None:
        """Play this many times as fast as the clip was taken, from here on."""
        self._advance(now)
        self.speed = speed

    def set_looping(self, looping: bool, now: float) -> None:
        """Go back to a after b, or stop at the end of the clip."""
        self._advance(now)
        self.looping = looping

    def set_a(self, index: int | None) -> None:
        """Loop from this frame on; an end before it is forgotten."""
        self.a, self.looping = index, True
        if index is not None and self.b is not None and self.b <= index:
            self.b = None

    def set_b(self, index: int | None) -> None:
        """Loop up to and with this frame; a start after it is forgotten."""
        self.b, self.looping = index, True
        if index is not None and self.a is not None and self.a >= index:
            self.a = None

    def clear_loop(self) -> None:
        """Loop over the whole clip again."""
        self.a = self.b = None

    def _advance(self, now: float) -> None:
        if not self.playing:
            return
        before_s = self._place_s
        self._place_s += (now - self._since) * self.speed
        self._since = now
        if self._place_s < (end_s := self._turn_s(before_s)):
            return
        if self.looping:
            start_s = self._times[self.a or 0]
            self._place_s = start_s + (self._place_s - end_s) % max(end_s - start_s, 1e-9)
        else:
            self._place_s, self.playing = self._times[-1], False

    def _turn_s(self, place_s: float) -> float:
        """Where playing from a place turns back: after b, or at the end of the clip."""
        if self.looping and self.b is not None and self.b < self.last:
            after_b = self._times[self.b + 1]
            if place_s < after_b:
                return after_b
        return self._end_s
