"""What draws the 3D scene: one small contract, and the choice between its two keepers."""

import logging
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.views.orbit import Orbit

log = logging.getLogger(__name__)

WIDTH, HEIGHT = 720, 560
"""The size of the drawn scene, px; the widget scales it."""
BACKGROUND = (22, 25, 30)
GRID = (52, 60, 74)


class Renderer(Protocol):
    """Draws hands. `name` is told in the status line."""

    name: str

    def render(self, hands: Sequence[NDArray[np.float64]], orbit: Orbit) -> NDArray[np.uint8]:
        """Joints (21, 3) of each hand, scene mm, to a picture (HEIGHT, WIDTH, 3), RGB."""

    def close(self) -> None:
        """Free what drawing took."""


def open_renderer() -> Renderer:
    """Open3D where it can draw without a window of its own, else Qt's painter."""
    try:
        from app.views.scene_open3d import Open3DRenderer

        return Open3DRenderer()
    except (ImportError, RuntimeError, OSError) as error:
        log.warning("Open3D cannot draw here (%s); drawing the 3D view with Qt", error)
        from app.views.scene_painter import PainterRenderer

        return PainterRenderer()
