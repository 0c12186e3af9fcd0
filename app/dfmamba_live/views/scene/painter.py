"""3D pictures drawn by Qt's painter: plainer than Open3D's, and there is always one.

It needs no OpenGL at all, unlike pyqtgraph's 3D view, and so it works wherever the window does.
"""

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QRadialGradient

from dfmamba_live.views.painting import painter_on
from dfmamba_live.views.scene.content import Balls, Floats, Lines, Picture, Rods, SceneView
from dfmamba_live.views.scene.mesh import THIN_MM
from dfmamba_live.views.scene.orbit import focal_length

NEAR_MM = 5.0
TONES = 24
"""Colours of lines are rounded to so many steps, for all lines of one colour go in one call."""

Stroke = tuple[float, Callable[[QPainter], None]]
"""How far away something is, and what paints it."""


class PainterRenderer:
    """Lines, then discs and strokes, the furthest first."""

    name = "Qt painter"
    ready = True

    def render(self, view: SceneView) -> Picture:
        """As `Renderer.render`, at any scale: strokes take the same time at any size."""
        width, height = view.width, view.height
        image = QImage(width, height, QImage.Format.Format_RGB888)
        image.fill(_colour(np.array(view.scene.background)))
        with painter_on(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            lens = _Lens(view, width, height)
            _paint_lines(painter, lens, view.scene.lines)
            strokes = chain(_balls(lens, view.scene.balls), _rods(lens, view.scene.rods))
            for _, paint in sorted(strokes, key=lambda stroke: -stroke[0]):
                paint(painter)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
        return rows[:, : 3 * width].reshape(height, width, 3).copy()

    def close(self) -> None:
        """Nothing to free."""


class _Lens:
    """From the scene to the viewer's axes and on to pixels."""

    def __init__(self, view: SceneView, width: int, height: int) -> None:
        self._matrix = view.orbit.view_matrix()
        self._focal, self._middle = focal_length(height), np.array([width / 2, height / 2])

    def seen(self, points: Floats) -> Floats:
        """Scene points (..., 3) in the viewer's axes."""
        return np.asarray(points @ self._matrix[:3, :3].T + self._matrix[:3, 3])

    def pixels(self, seen: Floats) -> Floats:
        """Pixels (..., 2) of points before the viewer, in the viewer's axes."""
        return np.asarray(seen[..., :2] / seen[..., 2:] * self._focal + self._middle)

    def size(self, length_mm: Floats, depth: Floats) -> Floats:
        """Pixels of a length across the view."""
        return np.asarray(length_mm / depth * self._focal)


def _before_viewer(ends: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Lines (N, 2, 3) in the viewer's axes, cut off behind; which of them are left (N,)."""
    left = ends[..., 2].max(axis=1, initial=0) > NEAR_MM
    first, second = ends[left, 0], ends[left, 1]
    step = second - first
    share = (NEAR_MM - first[:, 2]) / np.where(np.abs(step[:, 2]) < 1e-9, 1e-9, step[:, 2])
    crossing = first + np.clip(share, 0, 1)[:, None] * step
    crossing[:, 2] = NEAR_MM
    ends = np.stack([first, second], axis=1)
    return np.where(ends[..., 2:] < NEAR_MM, crossing[:, None], ends), left


def _paint_lines(painter: QPainter, lens: _Lens, lines: Lines) -> None:
    ends, left = _before_viewer(lens.seen(lines.ends))
    pixels = lens.pixels(ends)
    tones = np.round(lines.colours[left] * TONES)
    colours, of = np.unique(tones, axis=0, return_inverse=True)
    for index, colour in enumerate(colours):
        painter.setPen(QPen(_colour(colour / TONES), 1.0))
        painter.drawLines([QLineF(*a, *b) for a, b in pixels[of.ravel() == index].tolist()])


def _balls(lens: _Lens, balls: Balls) -> Iterator[Stroke]:
    seen = lens.seen(balls.centres)
    before = seen[:, 2] > NEAR_MM
    depth = seen[before, 2]
    radii = balls.radii[before]
    shown = zip(
        lens.pixels(seen[before]), lens.size(radii, depth), balls.colours[before], strict=True
    )
    for far, (place, radius, colour) in zip(depth - radii, shown, strict=True):
        yield far, _ball(place, radius, colour)


def _ball(place: Floats, radius: float, colour: Floats) -> Callable[[QPainter], None]:
    def paint(painter: QPainter) -> None:
        middle = QPointF(*place)
        light = QRadialGradient(middle - QPointF(0.3, 0.35) * radius, 1.3 * radius)
        light.setColorAt(0.0, _colour(np.minimum(1.18 * colour + 0.06, 1)))
        light.setColorAt(0.45, _colour(colour))
        light.setColorAt(1.0, _colour(0.45 * colour))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(light)
        painter.drawEllipse(middle, radius, radius)

    return paint


def _rods(lens: _Lens, rods: Rods) -> Iterator[Stroke]:
    ends, left = _before_viewer(lens.seen(rods.ends))
    depth = ends[..., 2].mean(axis=1)
    widths = lens.size(2 * rods.radii[left].mean(axis=1), depth)
    thick = rods.radii[left].max(axis=1, initial=0) > THIN_MM
    colours = rods.colours[left].mean(axis=1)
    shown = zip(lens.pixels(ends).tolist(), widths, colours, thick, strict=True)
    for far, ((start, end), width, colour, round_) in zip(depth, shown, strict=True):
        yield far, _rod(QLineF(*start, *end), width, colour, shaded=bool(round_))


def _rod(line: QLineF, width: float, colour: Floats, shaded: bool) -> Callable[[QPainter], None]:
    # A dark stroke, and lighter ones upon it towards the light.
    tones = ((1.0, 0.5), (0.72, 0.8), (0.38, 1.0)) if shaded else ((1.0, 0.9),)

    def paint(painter: QPainter) -> None:
        for share, brightness in tones:
            pen = QPen(_colour(brightness * colour), max(share * width, 0.8))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            shift = 0.12 * (1 - share) * width
            painter.drawLine(line.translated(-shift, -shift))

    return paint


def _colour(shares: Floats) -> QColor:
    red, green, blue = shares.tolist()
    return QColor.fromRgbF(red, green, blue)
