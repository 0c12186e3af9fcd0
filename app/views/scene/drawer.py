"""Draws views in a thread of its own, by the best renderer that works, as well as time allows."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from threading import Event, Thread
from time import perf_counter

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.views.scene.content import Picture, Renderer, RenderError, Scene, View
from app.views.scene.open3d import Open3DRenderer
from app.views.scene.orbit import Orbit
from app.views.scene.painter import PainterRenderer
from app.views.scene.process import ProcessRenderer
from app.worker import Slot

SHARE = 0.6
"""A picture may take so much of the time from one view to the next, while things move."""
LONGEST_S = 0.08
SCALES = (2.0, 1.5, 1.0, 0.75)
FINEST = SCALES[0]
RECENT = 15
"""Pictures by which the time of the next one is foreseen."""
GEOMETRY_PIXELS = 200_000
"""So many pixels take as long as the hands' triangles, as measured without a graphics card."""
REST_S = 0.25
"""Where nothing moves for so long, the last view is drawn once more and as well as can be."""
MOST_PIXELS = 8_000_000

log = logging.getLogger(__name__)

RENDERERS: tuple[Callable[[], Renderer], ...] = (
    lambda: ProcessRenderer("Open3D", Open3DRenderer),
    PainterRenderer,
)
"""From the best to the one that always works."""


def working_renderer() -> str:
    """The name of the first renderer that draws here."""
    for make in RENDERERS:
        renderer = make()
        try:
            renderer.render(View(Scene(), Orbit(), 64, 48))
        except RenderError as error:
            log.debug("%s: %s", renderer.name, error)
            continue
        finally:
            renderer.close()
        return renderer.name
    raise RenderError("nothing draws the 3D view")


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture and the view that it shows; seconds: what it took."""

    view: View
    image: QImage
    seconds: float


class Quality:
    """How finely to draw so that pictures come as often as views do, with time to spare."""

    def __init__(self) -> None:
        self._costs: deque[float] = deque(maxlen=RECENT)
        self._pauses: deque[float] = deque(maxlen=RECENT)
        self._last = 0.0
        self._scale = SCALES[-2]

    def wanted(self, now: float) -> None:
        """Take in that a view came at a time, s."""
        self._pauses.append(min(now - self._last, LONGEST_S))
        self._last = now

    def learn(self, view: View, seconds: float) -> None:
        """Take in what a picture took."""
        self._costs.append(seconds / _work(view.width, view.height, view.scale))

    def scale(self, width: int, height: int) -> float:
        """The scale for a picture of this size: it falls at need, and rises with some to spare."""
        if self._costs and self._pauses:
            # Medians: one slow picture only says that another program had the processor.
            share = median(self._costs) / (SHARE * median(self._pauses))
            limits = {scale: 0.8 if scale > self._scale else 1.0 for scale in SCALES}
            fitting = [s for s in SCALES if share * _work(width, height, s) <= limits[s]]
            self._scale = max(fitting, default=SCALES[-1])
        return self._scale


def _work(width: int, height: int, scale: float) -> float:
    """What a picture takes, in pixels; the geometry takes its part at any size."""
    return width * height * scale**2 + GEOMETRY_PIXELS


class Drawer(QObject):
    """Draws the newest view it was given; views that come too fast are left out.

    `drawn` carries a `Drawing`; `renderer` the name of what draws, as soon as it has drawn, and
    again if another one steps in.
    """

    drawn = Signal(object)
    renderer = Signal(str)

    def __init__(self, renderers: Sequence[Callable[[], Renderer]] = RENDERERS) -> None:
        super().__init__()
        self._others = list(renderers[1:])
        self._renderer = renderers[0]()
        self._known = ""
        self._views: Slot[View] = Slot()
        self._quality = Quality()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="3D view", daemon=True)
        self._thread.start()

    def draw(self, view: View) -> None:
        """Draw a view soon, at the scale that time allows."""
        self._views.put(view)

    def close(self) -> None:
        """Stop and free the renderer."""
        self._stopping.set()
        self._renderer.close()  # a picture that it may be at ends here
        self._thread.join()
        self._renderer.close()  # another one may have stepped in meanwhile

    def _run(self) -> None:
        rough: View | None = None
        while not self._stopping.is_set():
            view = self._views.take(timeout=REST_S)
            if view is not None:
                self._quality.wanted(perf_counter())
                view = replace(view, scale=self._quality.scale(view.width, view.height))
                rough = view if view.scale < FINEST else None
                self._draw(view)
            elif rough is not None:
                self._draw(replace(rough, scale=_finest(rough)), learn=False)
                rough = None

    def _draw(self, view: View, learn: bool = True) -> None:
        start = perf_counter()
        picture = self._render(view)
        if picture is None:
            return
        seconds = perf_counter() - start
        if self._known == self._renderer.name:
            if learn:
                self._quality.learn(view, seconds)
        else:  # the first picture's time is that of starting
            self._known = self._renderer.name
            self.renderer.emit(self._known)
        self.drawn.emit(Drawing(view, _image(picture), seconds))

    def _render(self, view: View) -> Picture | None:
        try:
            return self._renderer.render(view)
        except RenderError as error:
            if self._stopping.is_set() or not self._others:
                return None
            before, self._renderer = self._renderer, self._others.pop(0)()
            before.close()
            log.warning(
                "%s; the 3D view is drawn by %s instead of %s",
                error,
                self._renderer.name,
                before.name,
            )
            self._quality = Quality()
            return self._render(view)


def _finest(view: View) -> float:
    """The finest scale whose picture is not too large to make."""
    return max(s for s in SCALES if s <= 1 or s**2 * view.width * view.height <= MOST_PIXELS)


def _image(picture: Picture) -> QImage:
    height, width = picture.shape[:2]
    image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)  # a copy, and what Qt paints fastest
