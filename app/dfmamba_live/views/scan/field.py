"""The places that a layer reads in one region: of many tokens, or all of one."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QPainter

from dfmamba.camera import Crop
from dfmamba.hand import TIPS, WRIST
from dfmamba.model import ScanTrace
from dfmamba.pipeline import Estimate
from dfmamba.pose import HandPose
from dfmamba_live.state import ViewState
from dfmamba_live.views.fit import Fit
from dfmamba_live.views.scan.arrows import (
    GRID,
    WHITE,
    anchor_colours,
    paint_arrows,
    paint_dashes,
    paint_dots,
    paint_grid,
    paint_outlines,
)
from dfmamba_live.views.scan.places import (
    Floats,
    ScanPlaces,
    Tokens,
    cell_corners,
    scan_places,
    tokens_at,
)

SHOWN_JOINTS = [WRIST, *TIPS]
"""The scan is drawn for the tokens under these, unless all are asked for."""
WIDEST, WIDEST_PX = 0.13, 8.0
"""The strongest place's arrow, in tokens and at most in pixels."""
THINNEST_PX = 1.5
"""Of one token alone every arrow is seen."""


@dataclass(frozen=True, eq=False)
class TracedRegion:
    """What one layer did with a region of the frame."""

    crop: Crop
    """What the network saw."""
    trace: ScanTrace
    """Of one layer."""
    hands: tuple[HandPose, ...]
    """Those that were found there."""

    def squares(self, tokens: Tokens) -> Floats:
        """The corners of tokens (N, 4, 2), in frame pixels."""
        return cell_corners(self.trace, self.crop, tokens)


def traced_regions(estimate: Estimate, layer: int) -> dict[int, TracedRegion]:
    """The regions, by their index, that this layer (0-based) was traced for; there may be fewer."""
    return {
        index: TracedRegion(region.crop, region.traces[layer], region.hands)
        for index, region in enumerate(estimate.regions)
        if layer < len(region.traces)
    }


def paint_field(painter: QPainter, fit: Fit, region: TracedRegion, state: ViewState) -> None:
    """Anchors and offsets, of the tokens and anchors that the settings ask for."""
    places, width = _places(fit, region)
    if state.all_tokens:
        tokens = np.arange(len(width))
        if state.only_anchor is None:
            width = np.where(width == width.max(axis=1, keepdims=True), width, 0)
    else:
        # All tokens with all their places would hide the hand.
        joints_px = np.concatenate([hand.joints_px[SHOWN_JOINTS] for hand in region.hands])
        tokens = tokens_at(region.trace, region.crop, joints_px)
    if state.only_anchor is not None:
        width = np.where(np.arange(width.shape[1]) == state.only_anchor, width, 0)
    shown = places.of(tokens)
    anchors, sampled = fit.to_widget(shown.anchors), fit.to_widget(shown.sampled)
    if state.anchors and state.all_tokens:
        paint_outlines(painter, fit.to_widget(region.squares(tokens)), GRID)
    elif state.anchors:
        paint_grid(painter, anchors)
    if state.offsets:
        paint_arrows(painter, anchors, sampled, width[tokens], shown.weights < 0)


def paint_token(painter: QPainter, fit: Fit, region: TracedRegion, token: int) -> None:
    """All that one token reads; what it looks for off the crop is dashed."""
    tokens = np.array([token])
    places, width = _places(fit, region)
    one = places.of(tokens)
    anchors, sampled = fit.to_widget(one.anchors), fit.to_widget(one.sampled)
    paint_outlines(painter, fit.to_widget(region.squares(tokens)), WHITE)
    lost = one.inside == 0
    paint_dashes(painter, anchors, sampled, lost)
    drawn = np.where(lost, 0, np.maximum(width[tokens], THINNEST_PX))
    paint_arrows(painter, anchors, sampled, drawn, one.weights < 0)
    for anchor, colour in enumerate(anchor_colours(width.shape[1])):
        paint_dots(painter, anchors[:, anchor], colour, 3.5)


def _places(fit: Fit, region: TracedRegion) -> tuple[ScanPlaces, Floats]:
    """Where each token reads, and how wide its arrows are (L, K), in the widget's pixels."""
    places = scan_places(region.trace, region.crop)
    widest = min(WIDEST * region.crop.side * fit.scale / region.trace.width, WIDEST_PX)
    return places, places.strength * widest / max(float(places.strength.max()), 1e-9)
