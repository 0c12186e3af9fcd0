"""The labels of pictures that show the two hands of a person."""

from typing import NamedTuple

from torch import Tensor


class PairBatch(NamedTuple):
    """B pictures of S x S pixels, not mirrored, and their labels: left hand first, then right.

    A picture may show both hands, one or none; the labels of a hand that is not there mean nothing.
    The camera faces the middle of the picture (`Crop.facing`).
    """

    images: Tensor
    """(B, 3, S, S): RGB, 0 to 1."""
    joints_px: Tensor
    """(B, 2, 21, 2): pixels of the picture."""
    joints_mm: Tensor
    """(B, 2, 21, 3): mm, relative to each hand's own wrist, in the camera's axes."""
    root_mm: Tensor
    """(B, 2, 3): each wrist in the camera frame, mm."""
    visible: Tensor
    """(B, 2, 21): inside the picture and hidden by nothing, the other hand included."""
    present: Tensor
    """(B, 2): whether the picture shows the person's left and right hand."""
    family: Tensor
    """(B,): of what the hands do together."""
    tone: Tensor
    """(B,): the skin's lightness, as of `TrainingBatch`."""
