"""Errors by what the pictures show: pose family, how much is seen, from where, skin tone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfmamba import metrics
from dfmamba.evaluate.synthetic import Measured
from dfmamba.hand import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, WRIST
from dfmamba.metrics import Doubles
from dfmamba.synth.hand.key_poses import FAMILIES

ALONG = 0.7
"""From this share of the palm's direction along the camera's axis a hand points along it."""
FACING = 0.5
"""From this share of the palm's normal along the camera's axis the palm, or the back, is seen."""
SEEN = {"under 40% seen": (0.0, 0.4), "40 to 70% seen": (0.4, 0.7), "over 70% seen": (0.7, 1.1)}
TONES = ("darkest third", "middle third", "lightest third")


@dataclass(frozen=True)
class Group:
    """Means over the hands of one kind."""

    hands: int
    """How many."""
    mpjpe_mm: float
    """mm, wrist-relative, with the true palm length."""
    pa_mpjpe_mm: float
    """mm, after Procrustes alignment."""
    box_share: float
    """Image error over the hand box's longer side."""


def breakdown(measured: Measured) -> dict[str, dict[str, Group]]:
    """Errors of each kind of hand, by what the kinds differ in; empty kinds are left out."""
    mpjpe, pa, share = (
        values.mean(1) for values in (measured.errors_mm, measured.pa_errors_mm, measured.shares)
    )
    return {
        name: {
            kind: Group(
                int(rows.sum()),
                float(mpjpe[rows].mean()),
                float(pa[rows].mean()),
                float(share[rows].mean()),
            )
            for kind, rows in kinds.items()
            if rows.any()
        }
        for name, kinds in _kinds(measured).items()
    }


def fairness(groups: dict[str, Group]) -> float:
    """The error of the darkest third of skins (the first group) over the lightest's, less 1."""
    first, *_, last = groups.values()
    return first.mpjpe_mm / last.mpjpe_mm - 1


def _kinds(measured: Measured) -> dict[str, dict[str, NDArray[np.bool_]]]:
    seen = measured.visible.mean(1)
    thirds = np.digitize(measured.tone, np.quantile(measured.tone, [1 / 3, 2 / 3]))
    return {
        "pose": {name: measured.family == i for i, name in enumerate([*FAMILIES, "free"])},
        "joints seen": {name: (seen >= low) & (seen < high) for name, (low, high) in SEEN.items()},
        "view": views(measured.true_mm),
        "skin": {name: thirds == i for i, name in enumerate(TONES)},
    }


def views(joints_mm: Doubles) -> dict[str, NDArray[np.bool_]]:
    """From where right hands (N, 21, 3), in axes that face the crop, are seen."""
    along = _unit(joints_mm[:, MIDDLE_MCP] - joints_mm[:, WRIST])
    across = joints_mm[:, INDEX_MCP] - joints_mm[:, LITTLE_MCP]
    palm = _unit(np.cross(across, along))
    ahead, aside = along[:, 2], np.abs(along[:, 2]) < ALONG
    return {
        "palm": aside & (palm[:, 2] < -FACING),
        "back": aside & (palm[:, 2] > FACING),
        "edge": aside & (np.abs(palm[:, 2]) <= FACING),
        "pointing at the camera": ahead <= -ALONG,
        "pointing away": ahead >= ALONG,
    }


def _unit(vectors: Doubles) -> Doubles:
    return vectors / metrics.distances(vectors, np.zeros(3))[:, None]
