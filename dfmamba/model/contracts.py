"""What a network is made of, whichever backbone and decoder it has."""

from typing import NamedTuple

from torch import Tensor


class Hands(NamedTuple):
    """What a network reads of B crops, H hands to a crop."""

    joints_px: Tensor
    """(B, H, 21, 2): x and y in pixels of the crop."""
    joints: Tensor
    """(B, H, 21, 3): relative to the wrist, in palm units, facing the crop (`Crop.facing`)."""
    peak: Tensor
    """(B, H, 21): how sure the network is of each joint, 0 to 1, before it is calibrated."""
    present: Tensor
    """(B, H): the probability that there is a hand."""
    right: Tensor
    """(B, H): the probability that it is shown as a right hand."""
