"""Real hands that are found, shown and of the right side, on pictures marked by eye.

Each picture is looked at by itself. A box that overlaps a marked hand's by `LEAST_IOU` is that
hand; what overlaps none is a ghost.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from dfmamba.data.real_hands import Kind, MarkedHand, MarkedPicture
from dfmamba.frame import Frame
from dfmamba.hand import Side
from dfmamba.images import Picture
from dfmamba.metrics import box_iou
from dfmamba.pipeline import HandEstimator
from dfmamba.pipeline.landmarker import Landmarker

LEAST_IOU = 0.4
"""Boxes around joints are tighter than those around the hand, and wrists end anywhere."""


class Seen(NamedTuple):
    """A hand that a method sees."""

    box_px: NDArray[np.float64]
    """(4,): x0, y0, x1, y1, pixels of the picture."""
    side: Side
    """The person's own hand."""


Finder = Callable[[Picture], Sequence[Seen]]
"""Sees the hands of an RGB picture (H, W, 3)."""


def shown_by(estimator: HandEstimator) -> Finder:
    """The hands that the whole pipeline shows in a picture by itself."""

    def finder(picture: Picture) -> list[Seen]:
        hands = estimator(Frame(picture, follows=False)).hands
        return [Seen(hand.box_px, hand.side) for hand in hands]

    return finder


def seen_by(landmarker: Landmarker) -> Finder:
    """The hands that MediaPipe sees."""

    def finder(picture: Picture) -> list[Seen]:
        return [
            Seen(np.concatenate([hand.joints_px.min(0), hand.joints_px.max(0)]), hand.side)
            for hand in landmarker(picture)
        ]

    return finder


@dataclass(frozen=True)
class Found:
    """How many hands of one kind a method sees."""

    hands: int
    """Marked hands."""
    seen: int
    """Of these, how many a box lies on."""
    sided: int
    """Marked hands whose side can be recognised."""
    right_side: int
    """Of these, how many are seen, and as the hand that they are."""

    @property
    def recall(self) -> float:
        """The share of hands that are seen; NaN where there is none."""
        return self.seen / self.hands if self.hands else float("nan")

    @property
    def right(self) -> float:
        """The share of hands that are seen, and of the right side; NaN where there is none."""
        return self.right_side / self.sided if self.sided else float("nan")


@dataclass(frozen=True)
class FoundFigures:
    """What a method sees of all pictures."""

    kinds: dict[str, Found]
    """By how the hands lie to each other, and "all"."""
    shown: int
    """Boxes in all pictures."""
    ghosts: int
    """Boxes that lie on no hand, or on one that another box lies on."""
    pictures_without: int
    """Pictures without a hand."""
    ghost_pictures: int
    """Of these, how many a hand is seen in."""

    @property
    def precision(self) -> float:
        """The share of boxes that lie on a hand; NaN where there is none."""
        return 1 - self.ghosts / self.shown if self.shown else float("nan")


def found_figures(finder: Finder, pictures: Iterable[MarkedPicture], real: Path) -> FoundFigures:
    """Run a method over marked pictures; real: the folder they lie in."""
    looked_at = [(each, _matched(finder(each.read(real)), each.hands)) for each in pictures]
    rows = [
        (hand, match)
        for picture, (matches, _) in looked_at
        for hand, match in zip(picture.hands, matches, strict=True)
    ]
    kinds = {kind: _found([row for row in rows if row[0].kind == kind]) for kind in get_args(Kind)}
    empty = [ghosts for picture, (_, ghosts) in looked_at if not picture.hands]
    ghosts = sum(ghosts for _, (_, ghosts) in looked_at)
    return FoundFigures(
        kinds={**kinds, "all": _found(rows)},
        shown=ghosts + sum(match is not None for _, match in rows),
        ghosts=ghosts,
        pictures_without=len(empty),
        ghost_pictures=sum(count > 0 for count in empty),
    )


def _found(rows: Sequence[tuple[MarkedHand, Seen | None]]) -> Found:
    sided = [(hand, match) for hand, match in rows if hand.side is not None]
    return Found(
        hands=len(rows),
        seen=sum(match is not None for _, match in rows),
        sided=len(sided),
        right_side=sum(match is not None and match.side == hand.side for hand, match in sided),
    )


def _matched(seen: Sequence[Seen], hands: Sequence[MarkedHand]) -> tuple[list[Seen | None], int]:
    """What is seen of each hand, the best overlaps first; and how many boxes are left over."""
    matches: list[Seen | None] = [None] * len(hands)
    if not seen or not hands:
        return matches, len(seen)
    overlap = box_iou(
        np.stack([hand.box_px for hand in hands]), np.stack([each.box_px for each in seen])
    )
    left = len(seen)
    while overlap.max() >= LEAST_IOU:
        hand, box = np.unravel_index(int(overlap.argmax()), overlap.shape)
        matches[int(hand)] = seen[int(box)]
        overlap[hand], overlap[:, box] = 0, 0
        left -= 1
    return matches, left
