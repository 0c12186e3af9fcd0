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
    """Shares, 0 to 1, of a set of photographs.

    hands: how many crops show one. found: of them, those taken for a hand. sided: of them and
    their mirror images, those whose side is told as it is. parts: how many parts of photographs
    show no hand. mistaken: of them, those taken for one; None where there are no parts.
    """

    hands: int
    found: float
    sided: float
    parts: int
    mistaken: float | None


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
