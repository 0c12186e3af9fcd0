"""How a part of the frame lies in a widget."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A part of the frame, shown as large as it fits into the widget's bounds."""

    region: QRectF
    """The part, frame pixels."""
    bounds: QRectF
    """The room for it, widget pixels."""
    mirrored: bool = False
    """Shown as in a mirror: the only place where anything is mirrored for a view."""

    @property
    def scale(self) -> float:
        """Widget pixels per frame pixel."""
        return min(
            self.bounds.width() / self.region.width(), self.bounds.height() / self.region.height()
        )

    @property
    def target(self) -> QRectF:
        """Where the region goes in the widget."""
        target = QRectF(0, 0, self.region.width() * self.scale, self.region.height() * self.scale)
        target.moveCenter(self.bounds.center())
        return target

    def to_widget(self, points_px: Floats) -> Floats:
        """Frame pixels (..., 2) to the widget's."""
        return (np.asarray(points_px, np.float64) - self._start) * self._stretch + self._origin

    def to_frame(self, points: Floats) -> Floats:
        """The widget's pixels (..., 2) to frame pixels."""
        return (np.asarray(points, np.float64) - self._origin) / self._stretch + self._start

    @property
    def _start(self) -> Floats:
        return np.array([self.region.x(), self.region.y()])

    @property
    def _origin(self) -> Floats:
        target = self.target
        return np.array([target.right() if self.mirrored else target.x(), target.y()])

    @property
    def _stretch(self) -> Floats:
        return self.scale * np.array([-1.0 if self.mirrored else 1.0, 1.0])
