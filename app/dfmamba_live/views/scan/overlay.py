"""The network's own view, painted over the hand: anchors, offsets, heat, order, one token."""

import numpy as np
from PySide6.QtCore import QObject, QPointF, QTimer, Signal
from PySide6.QtGui import QColor, QPainter

from dfmamba.pipeline import Estimate
from dfmamba_live.state import ViewState
from dfmamba_live.views.fit import Fit
from dfmamba_live.views.scan.caption import caption, paint_caption
from dfmamba_live.views.scan.card import card_size, paint_card, token_card
from dfmamba_live.views.scan.field import TracedRegion, paint_field, paint_token, traced_regions
from dfmamba_live.views.scan.focus import Focus, pick
from dfmamba_live.views.scan.heat import HEATS, paint_heat, paint_legend
from dfmamba_live.views.scan.places import Floats, share_on_grid
from dfmamba_live.views.scan.ranges import round_range
from dfmamba_live.views.scan.sweep import Sweep, interval_ms, paint_sweep

DIM = QColor(8, 10, 14, 110)
"""Over the frame, so that the scan stands out."""


class ScanOverlay(QObject):
    """What views of the frame paint over it, and which token is looked at in all of them.

    `changed` asks the views to paint again, `swept` for another step of the sweep over the rest.
    """

    changed = Signal()
    swept = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._estimate: Estimate | None = None
        self._regions: dict[int, TracedRegion] = {}
        self._state = ViewState()
        self._pointer: tuple[Floats, float] | None = None
        self._pinned: Focus | None = None
        self._sweep = Sweep()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._advance)

    def show_estimate(self, estimate: Estimate | None) -> None:
        """Go on to another frame's hands."""
        self._estimate = estimate
        if estimate is not None and self._pinned is not None:
            self._pinned = self._pinned.followed(estimate)
        self._look()

    def show_state(self, state: ViewState) -> None:
        """Paint with other settings."""
        self._state = state
        if not state.overlaid:
            self._pinned = None
        self._look()

    @property
    def active(self) -> bool:
        """Whether there is anything to paint."""
        return self._state.overlaid and bool(self._regions)

    @property
    def sweeping(self) -> bool:
        """Whether the order of the scan is being played."""
        return self.active and self._state.order

    @property
    def focus(self) -> Focus | None:
        """What is pinned, else what lies under the pointer."""
        if self._pinned is not None or self._pointer is None or self._estimate is None:
            return self._pinned
        return pick(self._estimate, *self._pointer)

    def point(self, point_px: Floats | None, reach_px: float = 0.0) -> None:
        """The pointer is over a point (2,) of the frame, or over none.

        reach_px: how near a joint counts, in frame pixels.
        """
        before = self._looked_at()
        self._pointer = None if point_px is None else (point_px, reach_px)
        if self.active and self._looked_at() != before:
            self.changed.emit()

    def pin(self, point_px: Floats, reach_px: float) -> None:
        """Hold on to what lies under a point (2,) of the frame; once more, or beside, lets go."""
        if not self.active or self._estimate is None:
            return
        found = pick(self._estimate, point_px, reach_px)
        again = found is not None and self._token(found) == self._token(self._pinned)
        self._pinned = None if again else found
        self.changed.emit()

    def paint_ground(self, painter: QPainter, fit: Fit) -> None:
        """What lies under the skeleton, where `fit` puts it: the heat map."""
        if not self.active:
            return
        painter.fillRect(fit.target, DIM)
        if self._state.heat:
            limits = self._heat_limits()
            for region in self._regions.values():
                values = HEATS[self._state.heat].of(region.trace)
                ends = region.squares(np.array([0, len(values) - 1]))
                start, end = fit.to_widget(np.stack([ends[0, 0], ends[1, 2]]))
                shape = region.trace.height, region.trace.width
                paint_heat(painter, values.reshape(shape), limits, start, end)

    def paint(self, painter: QPainter, fit: Fit) -> None:
        """What lies over the skeleton: anchors and offsets, or those of one token alone."""
        if not self.active:
            return
        focused = self._token(self.focus)
        if focused is not None:
            paint_token(painter, fit, self._regions[focused[0]], focused[1])
            return
        for region in self._regions.values():
            paint_field(painter, fit, region, self._state)

    def paint_sweep(self, painter: QPainter, fit: Fit) -> None:
        """The newest tokens of the sweep over each region, over all else."""
        for region in self._regions.values():
            trail = self._sweep.trail(np.asarray(region.trace.order))
            paint_sweep(painter, fit.to_widget(region.squares(trail)))

    def paint_notes(self, painter: QPainter, fit: Fit) -> None:
        """What is painted, in words; the heat map's legend; the numbers of the token looked at."""
        state, focus = self._state, self.focus
        if not self.active:
            return
        inside = float(np.mean([share_on_grid(each.trace) for each in self._regions.values()]))
        words = caption(state, inside, held=self._pinned is not None)
        paint_caption(painter, words, fit.bounds.adjusted(12, 12, -12, 0))
        if state.heat:
            corner = fit.bounds.bottomLeft() + QPointF(12, -12)
            paint_legend(painter, HEATS[state.heat], self._heat_limits(), corner)
        focused = self._token(focus)
        if focus is not None and focused is not None:
            region, token = self._regions[focused[0]], focused[1]
            card = token_card(region, state.layer, token, focus)
            # At the edge away from the hand, where it neither covers it nor moves along.
            bounds = fit.bounds.adjusted(12, 46, -12, 0)
            on_the_left = fit.to_widget(np.array([region.crop.x, 0.0]))[0] > bounds.center().x()
            left = bounds.left() if on_the_left else bounds.right() - card_size(card)[0]
            paint_card(painter, card, QPointF(left, bounds.top()))

    # The parts.

    def _look(self) -> None:
        """Take what was traced of the chosen layer; let the sweep run while it is seen."""
        layer = self._state.layer
        self._regions = {} if self._estimate is None else traced_regions(self._estimate, layer)
        if not self.sweeping:
            self._timer.stop()
            return
        interval = interval_ms(len(next(iter(self._regions.values())).trace.order))
        if not self._timer.isActive() or self._timer.interval() != interval:
            self._timer.start(interval)

    def _heat_limits(self) -> tuple[float, float]:
        """The range of the heat map, the same for all regions."""
        of = HEATS[self._state.heat].of
        return round_range(np.concatenate([of(each.trace) for each in self._regions.values()]))

    def _looked_at(self) -> tuple[object, ...]:
        focus = self.focus
        return self._token(focus), focus and focus.joint

    def _token(self, focus: Focus | None) -> tuple[int, int] | None:
        """The region and the token of a focus in the frame that is shown."""
        if focus is None or self._estimate is None:
            return None
        found = focus.find(self._estimate)
        if found is None or found[0] not in self._regions:
            return None
        index, hand = found
        token = focus.token(self._regions[index], hand)
        return None if token is None else (index, token)

    def _advance(self) -> None:
        self._sweep.advance()
        self.swept.emit()
