"""Words over the 3D picture, and what is under the pointer; in the widget's pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from dfmamba.hand import JOINT_COLOURS, JOINTS, SIDE_COLOURS, WRIST
from dfmamba.pose import HandPose
from dfmamba_live.views.scene.hands import JOINT_MM, joints_of
from dfmamba_live.views.scene.look import Colour, Look
from dfmamba_live.views.scene.orbit import Orbit, focal_length
from dfmamba_live.views.scene.surroundings import CELLS, grid_spacing

REACH_PX = 12.0
"""How near to a joint the pointer counts as on it."""
AXES: tuple[tuple[str, Colour], ...] = (
    ("x", (235, 95, 90)),
    ("y", (95, 190, 105)),
    ("z", (85, 150, 245)),
)
AXIS_PX, CORNER_PX = 24.0, 40.0


@dataclass(frozen=True, eq=False)
class Hover:
    """A joint under the pointer."""

    hand: HandPose
    """Whose joint it is."""
    joint: int
    """Its number."""
    place: QPointF
    """Where it is shown, widget pixels."""


def joint_under(
    hands: Sequence[HandPose], orbit: Orbit, size: QSize, pointer: QPointF
) -> Hover | None:
    """The joint that the pointer is on: of those that it touches the nearest to the viewer."""
    best, found = np.inf, None
    for hand in hands:
        places, depth = orbit.project(joints_of(hand), size.width(), size.height())
        away = np.linalg.norm(places - [pointer.x(), pointer.y()], axis=1)
        radii = JOINT_MM * focal_length(size.height()) / np.maximum(depth, 1.0)
        for joint in np.flatnonzero((depth > 0) & (away <= np.maximum(radii, REACH_PX))):
            # Beside its ball a joint counts only where the pointer is on no other's.
            rank = depth[joint] if away[joint] <= radii[joint] else 1e6 * (1 + away[joint])
            if rank < best:
                best, found = rank, Hover(hand, int(joint), QPointF(*places[joint]))
    return found


def paint_distances(
    painter: QPainter, orbit: Orbit, ground_mm: float, size: QSize, look: Look
) -> None:
    """How far from the camera the ground is, along the line below the camera's axis."""
    spacing = grid_spacing(orbit)
    step = max(spacing, 100.0)
    z = orbit.target[2]
    reach = 0.55 * CELLS / 2 * spacing
    marks = np.arange(np.ceil((z - reach) / step), np.floor((z + reach) / step) + 1) * step
    marks = marks[marks > 0]
    points = np.stack([np.zeros_like(marks), np.full_like(marks, ground_mm), marks], axis=-1)
    places, depth = orbit.project(points, size.width(), size.height())
    painter.setPen(QColor(*look.faint))
    last = QPointF(-1e9, 0)
    for mark, (x, y), far in zip(marks, places, depth, strict=True):
        place = QPointF(x + 5, y - 4)
        if far > 50 and (place - last).manhattanLength() > 34:
            painter.drawText(place, f"{mark / 10:.0f} cm")
            last = place


def paint_camera(painter: QPainter, orbit: Orbit, size: QSize, look: Look) -> None:
    """The camera's name under it."""
    ((x, y),), (depth,) = orbit.project(np.zeros((1, 3)), size.width(), size.height())
    if depth > 100:
        painter.setPen(QColor(*look.faint))
        painter.drawText(QRectF(x - 60, y + 8, 120, 20), Qt.AlignmentFlag.AlignHCenter, "camera")


def paint_hands(
    painter: QPainter, hands: Sequence[HandPose], orbit: Orbit, size: QSize, look: Look
) -> None:
    """Under each wrist, which hand it is and how far from the camera, along its axis."""
    taken = QRectF()
    for hand in hands:
        wrist = joints_of(hand)[[WRIST]]
        ((x, y),), (depth,) = orbit.project(wrist, size.width(), size.height())
        if depth <= 0:
            continue
        text: str = hand.side
        if hand.root_mm is not None:
            text += f"  ≈ {hand.root_mm[2] / 10:.0f} cm"
        radius = JOINT_MM[WRIST] * focal_length(size.height()) / depth
        plate = _plate(painter, QPointF(x, y + radius + 6), [text])
        if plate.intersects(taken):
            plate.moveTop(taken.bottom() + 2)
        _paint_note(painter, plate, [text], SIDE_COLOURS[hand.side], look)
        taken = plate


def paint_hover(painter: QPainter, hover: Hover, size: QSize, look: Look) -> None:
    """A ring round the joint; its name, place and confidence beside it."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(*look.words), 1.6))
    painter.drawEllipse(hover.place, 9, 9)
    hand = hover.hand
    x, y, z = hand.camera_mm[hover.joint]
    place = f"x {x:.0f}  y {y:.0f}  z {z:.0f} mm"
    if hand.root_mm is None:
        place += " from the wrist"
    lines = [
        f"{hand.side} {JOINTS[hover.joint]}",
        place,
        f"confidence {hand.confidence[hover.joint]:.2f}",
    ]
    plate = _plate(painter, hover.place + QPointF(0, 16), lines)
    if hover.place.y() > plate.height() + 20:
        plate.moveBottom(hover.place.y() - 16)
    plate.moveLeft(min(max(plate.left(), 4), max(size.width() - plate.width() - 4, 4)))
    _paint_note(painter, plate, lines, JOINT_COLOURS[hover.joint], look)


def paint_axes(painter: QPainter, orbit: Orbit, size: QSize, look: Look) -> None:
    """The directions of the camera's axes, in the lower left corner, the furthest first."""
    middle = QPointF(CORNER_PX, size.height() - CORNER_PX)
    turned = orbit.rotation()
    for axis in np.argsort(-turned[2]):
        name, colour = AXES[axis]
        tip = QPointF(turned[0, axis], turned[1, axis])
        painter.setPen(QPen(QColor(*colour), 2.0))
        painter.drawLine(middle, middle + tip * AXIS_PX)
        box = QRectF(-8, -8, 16, 16).translated(middle + tip * (AXIS_PX + 9))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
    painter.setPen(QColor(*look.faint))
    corner = QRectF(0, 0, size.width() - 10, size.height() - 8)
    where = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
    painter.drawText(corner, where, f"grid {grid_spacing(orbit):.0f} mm")


def _plate(painter: QPainter, top: QPointF, lines: Sequence[str]) -> QRectF:
    """Room for lines of words, centred under `top`."""
    metrics = QFontMetricsF(painter.font())
    width = max(metrics.horizontalAdvance(line) for line in lines) + 14
    height = metrics.height() * len(lines) + 6
    return QRectF(top.x() - width / 2, top.y(), width, height)


def _paint_note(
    painter: QPainter, plate: QRectF, lines: Sequence[str], colour: Colour, look: Look
) -> None:
    """Lines of words on a plate, the first one in a colour."""
    ground = QColor(*look.background)
    ground.setAlpha(215)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(plate, 5, 5)
    height = (plate.height() - 6) / len(lines)
    for row, line in enumerate(lines):
        painter.setPen(QColor(*(look.legible(colour) if row == 0 else look.words)))
        box = QRectF(plate.left(), plate.top() + 3 + row * height, plate.width(), height)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, line)
