"""Draws views in a thread of its own, by the best renderer that works, as well as time allows."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Event, Thread
from time import perf_counter

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from dfmamba_live.latest import Latest
from dfmamba_live.threads import JOIN_S
from dfmamba_live.views.scene.content import EMPTY, Picture, Renderer, RenderError, SceneView
from dfmamba_live.views.scene.fallback import FallbackRenderer
from dfmamba_live.views.scene.open3d import Open3DRenderer
from dfmamba_live.views.scene.painter import PainterRenderer
from dfmamba_live.views.scene.process import ProcessRenderer
from dfmamba_live.views.scene.quality import Quality

REST_S = 0.25
"""Where nothing moves for so long, the last view is drawn once more and as well as can be."""

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
            renderer.render(EMPTY)
        except RenderError as error:
            log.debug("%s: %s", renderer.name, error)
            continue
        finally:
            renderer.close()
        return renderer.name
    raise RenderError("nothing draws the 3D view")


@dataclass(frozen=True, eq=False)
class Drawing:
    """A drawn picture."""

    view: SceneView
    """What it shows."""
    image: QImage
    """The picture."""
    seconds: float
    """How long drawing took."""


class Drawer(QObject):
    """Draws the newest view it was given; views that come too fast are left out.

    `drawn` carries a `Drawing`; `renderer` the name of what draws, as soon as it has drawn, and
    again if another one steps in; `told` lines for people on why.
    """

    drawn = Signal(object)
    renderer = Signal(str)
    told = Signal(str)

    def __init__(self, renderers: Sequence[Callable[[], Renderer]] = RENDERERS) -> None:
        super().__init__()
        self._renderer = FallbackRenderer(renderers, self._tell)
        self._known = ""
        self._views: Latest[SceneView] = Latest()
        self._quality = Quality()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="3D view", daemon=True)
        self._thread.start()

    def draw(self, view: SceneView) -> None:
        """Draw a view soon, at the scale that time allows."""
        self._views.put(view)

    def close(self) -> None:
        """Stop and free the renderer."""
        self._stopping.set()
        self._renderer.close()  # a picture that it may be at ends here
        self._thread.join(JOIN_S)
        self._renderer.close()  # another one may have stepped in meanwhile

    def _run(self) -> None:
        last: SceneView | None = None
        rough = False  # the last view may be drawn better
        while not self._stopping.is_set():
            view = self._views.take(timeout=REST_S)
            if view is not None:
                self._quality.wanted(perf_counter())
                last = replace(view, scale=self._quality.scale(view.width, view.height))
                self._draw(last)
                rough = True
            elif last is not None and self._renderer.improved:
                self._draw(last, learn=False)
                rough = True
            elif last is not None and rough:
                fine = self._quality.at_rest(last.width, last.height)
                if fine > last.scale:
                    self._draw(replace(last, scale=fine), learn=False)
                rough = False

    def _draw(self, view: SceneView, learn: bool = True) -> None:
        start = perf_counter()
        try:
            picture = self._renderer.render(view)
        except RenderError as error:
            log.debug("%s", error)
            return
        seconds = perf_counter() - start
        if self._known != self._renderer.name:  # the first picture's time may be that of starting
            self._known = self._renderer.name
            self._quality = Quality()
            self.renderer.emit(self._known)
        elif learn:
            self._quality.learn(view, seconds)
        self.drawn.emit(Drawing(view, _image(picture), seconds))

    def _tell(self, line: str) -> None:
        log.warning("%s", line)
        self.told.emit(line)


def _image(picture: Picture) -> QImage:
    height, width = picture.shape[:2]
    image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)  # a copy, and what Qt paints fastest
