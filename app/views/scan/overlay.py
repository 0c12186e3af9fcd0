"""The network's own view, painted over the hand: anchors, offsets, heat, order, one token."""

import numpy as np
from PySide6.QtCore import QObject, QPointF, QTimer, Signal
from PySide6.QtGui import QColor, QPainter

from app.state import ViewState
from app.views.fit import Fit
from app.views.scan.arrows import (
    GRID,
    WHITE,
    anchor_colours,
    paint_arrows,
    paint_dashes,
    paint_dots,
    paint_grid,
    paint_outlines,
)
from app.views.scan.caption import caption, paint_caption
from app.views.scan.card import card_size, paint_card, token_card
from app.views.scan.focus import Focus, pick
from app.views.scan.heat import HEATS, paint_heat, paint_legend
from app.views.scan.places import (
    Floats,
    ScanPlaces,
    cell_corners,
    scan_places,
    share_inside,
    tokens_at,
)
from app.views.scan.ranges import round_range
from app.views.scan.sweep import Sweep, interval_ms, paint_sweep
from dfmamba.camera import Crop
from dfmamba.hand import TIPS, WRIST
from dfmamba.model import ScanTrace
from dfmamba.pipeline import Estimate

SHOWN_JOINTS = [WRIST, *TIPS]
"""The scan is drawn for the tokens under these, unless all are asked for."""
DIM = QColor(8, 10, 14, 110)
"""Over the frame, so that the scan stands out."""
WIDEST, WIDEST_PX = 0.13, 8.0
"""The strongest place's arrow, in tokens and at most in pixels."""


class ScanOverlay(QObject):
    """What views of the frame paint over it, and which token is looked at in all of them.

    `changed` asks the views to paint again, `swept` for another step of the sweep over the rest.
    """

    changed = Signal()
    swept = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._estimate: Estimate | None = None
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
        self._run_sweep()

    def show_state(self, state: ViewState) -> None:
        """Paint with other settings."""
        self._state = state
        if not state.overlaid:
            self._pinned = None
        self._run_sweep()

    @property
    def active(self) -> bool:
        """Whether there is anything to paint."""
        return self._state.overlaid and self._estimate is not None and any(self._estimate.traces)

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
        estimate, state = self._estimate, self._state
        if not self.active or estimate is None:
            return
        painter.fillRect(fit.target, DIM)
        if state.heat:
            self._paint_heat(painter, fit, estimate)

    def paint(self, painter: QPainter, fit: Fit) -> None:
        """What lies over the skeleton: anchors and offsets, or those of one token alone."""
        estimate = self._estimate
        if not self.active or estimate is None:
            return
        focused = self._token(self.focus)
        if focused is not None:
            self._paint_token(painter, fit, estimate, *focused)
            return
        for hand, traces in enumerate(estimate.traces):
            if traces:
                self._paint_hand(painter, fit, estimate, hand)

    def paint_sweep(self, painter: QPainter, fit: Fit) -> None:
        """The newest tokens of the sweep over each hand, over all else."""
        estimate = self._estimate
        if estimate is None:
            return
        for crop, traces in zip(estimate.crops, estimate.traces, strict=True):
            if traces:
                trace = traces[self._state.layer]
                trail = self._sweep.trail(np.asarray(trace.order))
                paint_sweep(painter, fit.to_widget(cell_corners(trace, crop, trail)))

    def paint_notes(self, painter: QPainter, fit: Fit) -> None:
        """What is painted, in words; the heat map's legend; the numbers of the token looked at."""
        estimate, state = self._estimate, self._state
        if not self.active or estimate is None:
            return
        traced = [traces[state.layer] for traces in estimate.traces if traces]
        inside = float(np.mean([share_inside(trace) for trace in traced]))
        words = caption(state, inside, held=self._pinned is not None)
        paint_caption(painter, words, fit.bounds.adjusted(12, 12, -12, 0))
        if state.heat:
            corner = fit.bounds.bottomLeft() + QPointF(12, -12)
            limits = round_range(np.concatenate(list(self._heat(estimate).values())))
            paint_legend(painter, HEATS[state.heat], limits, corner)
        focus = self.focus
        focused = self._token(focus)
        if focus is not None and focused is not None:
            hand, token = focused
            card = token_card(estimate, hand, state.layer, token, focus.joint)
            # At the edge away from the hand, where it neither covers it nor moves along.
            crop, bounds = estimate.crops[hand], fit.bounds.adjusted(12, 46, -12, 0)
            on_the_left = fit.to_widget(np.array([crop.x, crop.y]))[0] > bounds.center().x()
            left = bounds.left() if on_the_left else bounds.right() - card_size(card)[0]
            paint_card(painter, card, QPointF(left, bounds.top()))

    # The parts.

    def _looked_at(self) -> tuple[object, ...]:
        focus = self.focus
        return self._token(focus), focus and focus.joint

    def _token(self, focus: Focus | None) -> tuple[int, int] | None:
        """The hand and the token of a focus in the frame that is shown."""
        if focus is None or self._estimate is None:
            return None
        hand = focus.hand(self._estimate)
        if hand is None:
            return None
        token = focus.token(self._estimate, hand, self._state.layer)
        return None if token is None else (hand, token)

    def _heat(self, estimate: Estimate) -> dict[int, Floats]:
        """The values (L,) of the chosen heat map for each hand that was traced."""
        heat = HEATS[self._state.heat]
        return {
            hand: heat.of(traces[self._state.layer])
            for hand, traces in enumerate(estimate.traces)
            if traces
        }

    def _paint_heat(self, painter: QPainter, fit: Fit, estimate: Estimate) -> None:
        maps = self._heat(estimate)
        limits = round_range(np.concatenate(list(maps.values())))
        for hand, values in maps.items():
            trace = estimate.traces[hand][self._state.layer]
            ends = cell_corners(trace, estimate.crops[hand], np.array([0, len(values) - 1]))
            start, end = fit.to_widget(np.stack([ends[0, 0], ends[1, 2]]))
            paint_heat(painter, values.reshape(trace.height, trace.width), limits, start, end)

    def _places(
        self, fit: Fit, estimate: Estimate, hand: int
    ) -> tuple[ScanTrace, Crop, ScanPlaces, Floats]:
        """What the chosen layer does with a hand, and how wide its arrows are (L, K), in pixels."""
        crop, trace = estimate.crops[hand], estimate.traces[hand][self._state.layer]
        places = scan_places(trace, crop)
        widest = min(WIDEST * crop.side * fit.scale / trace.width, WIDEST_PX)
        width = places.strength * widest / max(float(places.strength.max()), 1e-9)
        return trace, crop, places, width

    def _paint_hand(self, painter: QPainter, fit: Fit, estimate: Estimate, hand: int) -> None:
        state = self._state
        trace, crop, places, width = self._places(fit, estimate, hand)
        if state.all_tokens:
            tokens = np.arange(len(width))
            if state.only_anchor is None:
                width = np.where(width == width.max(axis=1, keepdims=True), width, 0)
        else:
            # All tokens with all their places would hide the hand.
            tokens = tokens_at(trace, crop, estimate.hands[hand].joints_px[SHOWN_JOINTS])
        if state.only_anchor is not None:
            width = np.where(np.arange(width.shape[1]) == state.only_anchor, width, 0)
        shown = places.of(tokens)
        anchors, sampled = fit.to_widget(shown.anchors), fit.to_widget(shown.sampled)
        if state.anchors and state.all_tokens:
            paint_outlines(painter, fit.to_widget(cell_corners(trace, crop, tokens)), GRID)
        elif state.anchors:
            paint_grid(painter, anchors)
        if state.offsets:
            paint_arrows(painter, anchors, sampled, width[tokens], shown.weights < 0)

    def _paint_token(
        self, painter: QPainter, fit: Fit, estimate: Estimate, hand: int, token: int
    ) -> None:
        """All that one token reads; what it looks for off the crop is dashed."""
        tokens = np.array([token])
        trace, crop, places, width = self._places(fit, estimate, hand)
        one = places.of(tokens)
        anchors, sampled = fit.to_widget(one.anchors), fit.to_widget(one.sampled)
        paint_outlines(painter, fit.to_widget(cell_corners(trace, crop, tokens)), WHITE)
        lost = one.inside == 0
        paint_dashes(painter, anchors, sampled, lost)
        drawn = np.where(lost, 0, np.maximum(width[tokens], 1.5))
        paint_arrows(painter, anchors, sampled, drawn, one.weights < 0)
        for anchor, colour in enumerate(anchor_colours(width.shape[1])):
            paint_dots(painter, anchors[:, anchor], colour, 3.5)

    def _run_sweep(self) -> None:
        if not self.sweeping or self._estimate is None:
            self._timer.stop()
            return
        trace = next(traces for traces in self._estimate.traces if traces)[self._state.layer]
        interval = interval_ms(trace.height * trace.width)
        if not self._timer.isActive() or self._timer.interval() != interval:
            self._timer.start(interval)

    def _advance(self) -> None:
        self._sweep.advance()
        self.swept.emit()
