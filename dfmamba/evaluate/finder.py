"""How well hands are found: on made frames, of which all is known, and on marked real pictures."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.evaluate.found import Finder, Seen
from dfmamba.finder.decode import Found, decoded
from dfmamba.finder.frames import Frames, joined
from dfmamba.finder.network import FinderNetwork
from dfmamba.finder.scenes import Scenes
from dfmamba.images import Picture
from dfmamba.metrics import box_iou
from dfmamba.pipeline.finder import FinderDetector

LEAST_IOU = 0.5
NEAR_PALM = 0.25
"""A palm found within this share of the hand's longer side is that hand's."""
AT_ONCE = 64
"""Frames that are looked at together."""
LIKELY = 0.3
"""Precision and recall are of hands found with at least this score."""


@dataclass(frozen=True)
class FinderFigures:
    """Shares, 0 to 1, of all frames together; NaN where there is nothing to count."""

    recall: float
    """Hands that are found, by the boxes."""
    precision: float
    """Found hands that are one, by the boxes; what lies on hands to be ignored is not counted."""
    recall_palm: float
    """Hands that are found, by the middle of the palm."""
    precision_palm: float
    """Found hands that are one, by the middle of the palm."""
    recall_touching: float
    """Of hands whose palm is within one hand's side of another's: found, by the palm."""
    side: float
    """Hands found by the palm of which the side is right."""
    direction_deg: float
    """The median angle between the direction found and the true one."""
    hands: int
    """Of how many hands."""


@torch.inference_mode()
def made_figures(network: FinderNetwork, scenes: Scenes, count: int) -> FinderFigures:
    """What a network, in eval mode, finds in `count` made frames."""
    frames: list[Frames] = []
    found: list[Found] = []
    for start in range(0, count, AT_ONCE):
        batch = scenes.batch(min(AT_ONCE, count - start))
        found += decoded(network(batch.images), LIKELY)
        frames.append(batch._replace(images=batch.images[:, :, :1, :1]))
    return finder_figures(joined(frames), found)


def found_by(detector: FinderDetector) -> Finder:
    """The hands that a finder finds in a picture by itself."""

    def finder(picture: Picture) -> list[Seen]:
        found = detector.found(picture)
        return [
            Seen(box, "right" if right > 0.5 else "left")
            for box, right in zip(found.box, found.right, strict=True)
        ]

    return finder


def finder_figures(frames: Frames, found: list[Found]) -> FinderFigures:
    """Compare what was found with the truth."""
    hands = [part.double().cpu().numpy() for part in frames.hands]
    rows = [_row(each, *(part[row] for part in hands[:-1])) for row, each in enumerate(found)]
    boxes, palms, touching, turned, sides, wrong = (list(each) for each in zip(*rows, strict=True))
    by_box, by_palm, near = (np.concatenate(each) for each in (boxes, palms, touching))
    angle, right = np.concatenate(turned), np.concatenate(sides)
    ghosts_box, ghosts_palm = np.sum(wrong, axis=0)

    def share(hits: float, total: float) -> float:
        return float(hits / total) if total else float("nan")

    return FinderFigures(
        recall=share(by_box.sum(), by_box.size),
        precision=share(by_box.sum(), by_box.sum() + ghosts_box),
        recall_palm=share(by_palm.sum(), by_palm.size),
        precision_palm=share(by_palm.sum(), by_palm.sum() + ghosts_palm),
        recall_touching=share(by_palm[near].sum(), near.sum()),
        side=share(right.sum(), right.size),
        direction_deg=float(np.median(angle)) if angle.size else float("nan"),
        hands=by_box.size,
    )


Doubles = NDArray[np.float64]


def _row(
    found: Found,
    palm: Doubles,
    box: Doubles,
    along: Doubles,
    right: Doubles,
    counts: Doubles,
    ignored: Doubles,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], Doubles, Doubles, list[int]]:
    """Of one frame: hands found by box and by palm, touching ones, angles, sides, ghosts."""
    true, blind = counts > 0, ignored > 0
    found = found.rows(found.score >= LIKELY)
    size = (box[:, 2:] - box[:, :2]).max(1)
    overlap = box_iou(found.box, box[true])
    apart = np.linalg.norm(found.palm[:, None] - palm[true], axis=-1) / size[true]
    by_box = _matched(-overlap, -LEAST_IOU)
    by_palm = _matched(apart, NEAR_PALM)
    inside = (found.palm[:, None] >= box[blind, :2]) & (found.palm[:, None] <= box[blind, 2:])
    unsure = inside.all(-1).any(1)
    ghosts = [_ghosts(mine, unsure) for mine in (by_box, by_palm)]
    between = np.linalg.norm(palm[true][:, None] - palm[true], axis=-1)
    np.fill_diagonal(between, np.inf)
    near = (between < size[true][:, None]).any(1) if true.any() else np.zeros(0, bool)
    hits = by_palm >= 0
    one, other = along[true][hits], found.direction[by_palm[hits]]
    cosine = (one * other).sum(1) / np.maximum(np.linalg.norm(one, axis=1), 1e-6)
    sides = (found.right[by_palm[hits]] > 0.5) == (right[true][hits] > 0.5)
    return by_box >= 0, hits, near, np.degrees(np.arccos(cosine.clip(-1, 1))), sides, ghosts


def _ghosts(mine: NDArray[np.intp], unsure: NDArray[np.bool_]) -> int:
    """How many found hands are none, of those that are not on a hand to be ignored."""
    free = ~unsure
    free[mine[mine >= 0]] = False
    return int(free.sum())


def _matched(cost: Doubles, most: float) -> NDArray[np.intp]:
    """The row of `cost` (N, T) that each of T hands takes, the least first; -1 for none."""
    mine = np.full(cost.shape[1], -1, np.intp)
    left = cost.copy()
    while left.size and left.min() <= most:
        row, hand = np.unravel_index(int(left.argmin()), left.shape)
        mine[hand] = row
        left[row], left[:, hand] = np.inf, np.inf
    return mine
