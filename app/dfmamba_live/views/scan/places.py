"""Where a deformable layer reads, in the pixels of the frame. No painting here."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfmamba.camera import Crop
from dfmamba.model import ScanTrace

Floats = NDArray[np.float64]
Tokens = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ScanPlaces:
    """Places that N tokens read by K anchors, in frame pixels (x, y)."""

    centres: Floats
    """(N, 2): the tokens' middles."""
    anchors: Floats
    """(N, K, 2): where a plain scan would read."""
    sampled: Floats
    """(N, K, 2): where the offsets lead."""
    weights: Floats
    """(N, K): how much each counts."""
    moved: Floats
    """(N, K): |offset| in tokens."""
    inside: Floats
    """(N, K): the share, 0 to 1, of the bilinear sample on the grid; the rest reads zero."""

    @property
    def strength(self) -> Floats:
        """How much each place counts (N, K): |weight| of what lies on the grid."""
        return np.abs(self.weights) * self.inside

    def of(self, tokens: Tokens) -> "ScanPlaces":
        """The places of some tokens."""
        return ScanPlaces(
            self.centres[tokens],
            self.anchors[tokens],
            self.sampled[tokens],
            self.weights[tokens],
            self.moved[tokens],
            self.inside[tokens],
        )


def scan_places(trace: ScanTrace, crop: Crop) -> ScanPlaces:
    """The places of all tokens of one picture's trace."""
    grid = np.array([trace.height, trace.width])
    centres = _centres(trace)
    anchors = centres[:, None] + np.asarray(trace.anchors, np.float64)
    sampled = anchors + np.asarray(trace.offsets, np.float64)
    return ScanPlaces(
        centres=_to_frame(centres / grid, crop),
        anchors=_to_frame(anchors / grid, crop),
        sampled=_to_frame(sampled / grid, crop),
        weights=np.asarray(trace.weights, np.float64),
        moved=offset_lengths(trace),
        inside=_inside(sampled, grid),
    )


def share_on_grid(trace: ScanTrace) -> float:
    """The share, 0 to 1, of what a layer samples that lies on its grid."""
    sampled = _centres(trace)[:, None] + np.asarray(trace.anchors) + np.asarray(trace.offsets)
    return float(_inside(sampled, np.array([trace.height, trace.width])).mean())


def tokens_at(trace: ScanTrace, crop: Crop, points_px: Floats) -> Tokens:
    """The tokens (N,) that hold at least one of the points (P, 2) in frame pixels."""
    row, column = np.floor(crop.to_crop(points_px, 1)[..., ::-1] * [trace.height, trace.width]).T
    inside = (row >= 0) & (row < trace.height) & (column >= 0) & (column < trace.width)
    tokens: Tokens = np.unique((row * trace.width + column)[inside].astype(np.int64))
    return tokens


def cell_corners(trace: ScanTrace, crop: Crop, tokens: Tokens) -> Floats:
    """The corners of each token's square (N, 4, 2), in frame pixels, one after another."""
    square = np.array([[0, 0], [0, 1], [1, 1], [1, 0]])
    places = np.stack([tokens // trace.width, tokens % trace.width], axis=-1)[:, None] + square
    return _to_frame(places / [trace.height, trace.width], crop)


def offset_lengths(trace: ScanTrace) -> Floats:
    """|offset| of each token and anchor (L, K), in token units."""
    return np.asarray(np.linalg.norm(trace.offsets, axis=-1), np.float64)


def _centres(trace: ScanTrace) -> Floats:
    """The middle of each token (L, 2), (row, column) in tokens."""
    rows, columns = np.indices((trace.height, trace.width)).reshape(2, -1)
    centres: Floats = np.stack([rows, columns], axis=-1) + 0.5
    return centres


def _inside(sampled: Floats, grid: Tokens) -> Floats:
    # A bilinear sample spreads over one token each way: half a token off the grid, half is lost.
    spare = np.minimum(sampled, grid - sampled) + 0.5
    return np.asarray(np.clip(spare, 0, 1).prod(axis=-1), np.float64)


def _to_frame(places: Floats, crop: Crop) -> Floats:
    """(row, column) from 0 to 1 across the crop, (..., 2), to frame pixels (x, y)."""
    return crop.to_frame(places[..., ::-1], 1)
