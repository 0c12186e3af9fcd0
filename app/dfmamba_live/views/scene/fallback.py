"""The best renderer that draws, and another one while it does not."""

from collections.abc import Callable, Sequence
from math import inf
from time import perf_counter

from dfmamba_live.views.scene.content import Picture, Renderer, RenderError, SceneView

FIRST_PAUSE_S = 1.0
"""After so long a renderer that has failed is started anew, and after twice as long each time."""


class FallbackRenderer:
    """Draws with the first of some renderers that is ready; a `Renderer` itself.

    One that fails is started anew after a while, unless it has not drawn since its last start.

    renderers: what starts them, from the best to the one that always works. told: handed a line for
    people when one fails and when it is back. name: what has drawn last.
    """

    def __init__(
        self,
        renderers: Sequence[Callable[[], Renderer]],
        told: Callable[[str], None],
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.name = ""
        self._told, self._clock = told, clock
        self._closed = False
        self._candidates = [_Candidate(make) for make in renderers]

    @property
    def ready(self) -> bool:
        """Whether any of them draws at once."""
        return any(each.ready(self._clock()) for each in self._candidates)

    @property
    def improved(self) -> bool:
        """Whether a better renderer than the one that has drawn last is ready by now."""
        ready = (each.ready(self._clock()) for each in self._candidates)
        return next((each.name for each in ready if each), self.name) != self.name

    def render(self, view: SceneView) -> Picture:
        """As `Renderer.render`."""
        failures: list[tuple[_Candidate, str, RenderError]] = []
        for each in self._candidates:
            renderer = each.ready(self._clock())
            if renderer is None:
                continue
            try:
                picture = renderer.render(view)
            except RenderError as error:
                if self._closed:
                    raise
                each.drop(self._clock())
                failures.append((each, renderer.name, error))
                continue
            self.name = renderer.name
            for failed, name, reason in failures:
                how = f"until {name} is back" if failed.comes_back else f"instead of {name}"
                self._told(f"{reason}; the 3D view is drawn by {self.name} {how}")
            if each.succeed():
                self._told(f"{self.name} draws the 3D view again")
            return picture
        raise RenderError("nothing draws the 3D view")

    def close(self) -> None:
        """Free what drawing took; from any thread, more than once does no harm."""
        self._closed = True
        for each in self._candidates:
            each.close()


class _Candidate:
    """A renderer that is started anew where it had drawn before it failed."""

    def __init__(self, make: Callable[[], Renderer]) -> None:
        self._make = make
        self._renderer: Renderer | None = make()
        self._drew = self._missed = False
        self._pause_s, self._start_s = FIRST_PAUSE_S, inf

    @property
    def comes_back(self) -> bool:
        """Whether it will be started anew."""
        return self._start_s < inf

    def ready(self, now: float) -> Renderer | None:
        """It, where it draws at once; started first if it is time to."""
        if now >= self._start_s:
            self._renderer, self._start_s = self._make(), inf
        return self._renderer if self._renderer is not None and self._renderer.ready else None

    def succeed(self) -> bool:
        """Take in that it has drawn; whether it was missed until now."""
        back, self._missed, self._drew = self._missed, False, True
        return back

    def drop(self, now: float) -> None:
        """Let go of it as it has failed."""
        self.close()
        self._renderer = None
        if self._drew:
            self._start_s = now + self._pause_s
            self._pause_s *= 2
        self._drew, self._missed = False, True

    def close(self) -> None:
        """Free what it took."""
        renderer = self._renderer
        if renderer is not None:
            renderer.close()
