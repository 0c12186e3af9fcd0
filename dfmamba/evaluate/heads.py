"""What the network says of whole crops of real photographs: is there a hand, and of which side?

Labels come from MediaPipe, whose views of a picture agree on them. A mirrored crop shows a hand of
the other side.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfmamba.evaluate.predict import Prediction, predict_crops
from dfmamba.model import HandNetwork

EVEN = 0.5
"""A crop of a probability above it counts as taken for a hand, or for a right one."""


@dataclass(frozen=True)
class Heads:
    """What whole crops of a set of photographs are taken for; shares are 0 to 1."""

    hands: int
    """How many crops show a hand."""
    found: float
    """Of them, the share taken for a hand."""
    sided: float
    """Of them and their mirror images, the share whose side is recognised."""
    parts: int
    """How many parts of photographs show no hand."""
    mistaken: float | None
    """Of the parts, the share taken for a hand; None where there are no parts."""


def heads(
    network: HandNetwork,
    hands: NDArray[np.uint8],
    shown: Prediction,
    parts: NDArray[np.uint8],
) -> Heads:
    """Ask the network about crops of right hands and parts without hands, each (N, S, S, 3).

    shown: what it has said of the hands already.
    """
    mirrored = predict_crops(network, hands[:, :, ::-1])
    return Heads(
        hands=len(hands),
        found=float((shown.present > EVEN).mean()),
        sided=float(np.concatenate([shown.right > EVEN, mirrored.right <= EVEN]).mean()),
        parts=len(parts),
        mistaken=float((predict_crops(network, parts).present > EVEN).mean())
        if parts.size
        else None,
    )
