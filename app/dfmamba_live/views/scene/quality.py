"""How finely 3D pictures are drawn, by the time that they take."""

from collections import deque
from statistics import median

from dfmamba_live.views.scene.content import SceneView

SHARE = 0.6
"""A picture may take so much of the time from one view to the next, while things move."""
LONGEST_S = 0.08
SCALES = (2.0, 1.5, 1.25, 1.0, 0.75, 0.5)
SMALL_PIXELS = 200_000
"""Coarser than the screen are only pictures that then still have so many pixels."""
RECENT = 15
"""Pictures by which the time of the next one is foreseen."""
GEOMETRY_PIXELS = 200_000
"""So many pixels take as long as the hands' triangles, as measured without a graphics card."""
AT_REST_S = 0.15
"""What that picture may take: the next view has to wait for it."""


class Quality:
    """How finely to draw so that pictures come as often as views do, with time to spare."""

    def __init__(self) -> None:
        self._costs: deque[float] = deque(maxlen=RECENT)
        self._pauses: deque[float] = deque(maxlen=RECENT)
        self._last = 0.0
        self._scale = 1.0

    def wanted(self, now: float) -> None:
        """Take in that a view came at a time, s."""
        self._pauses.append(min(now - self._last, LONGEST_S))
        self._last = now

    def learn(self, view: SceneView, seconds: float) -> None:
        """Take in what a picture took."""
        self._costs.append(seconds / _work(view.width, view.height, view.scale))

    def scale(self, width: int, height: int) -> float:
        """The scale for a picture of this size: it falls at need, and rises with some to spare."""
        if self._costs and self._pauses:
            budget = SHARE * median(self._pauses)
            limits = {scale: budget * (0.8 if scale > self._scale else 1) for scale in SCALES}
            able = [s for s in SCALES if s >= 1 or width * height * s**2 >= SMALL_PIXELS]
            fitting = [s for s in able if self._seconds(width, height, s) <= limits[s]]
            self._scale = max(fitting, default=able[-1])
        return self._scale

    def at_rest(self, width: int, height: int) -> float:
        """The scale for a picture that none follows for now; never coarse."""
        fitting = [s for s in SCALES if s <= 1 or self._seconds(width, height, s) <= AT_REST_S]
        return max(fitting)

    def _seconds(self, width: int, height: int, scale: float) -> float:
        # The median: one slow picture only says that another program had the processor.
        return median(self._costs or [0.0]) * _work(width, height, scale)


def _work(width: int, height: int, scale: float) -> float:
    """What a picture takes, in pixels; the geometry takes its part at any size."""
    return width * height * scale**2 + GEOMETRY_PIXELS
