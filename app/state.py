"""What the window is set to show."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ViewState:
    """One setting of the views; a change makes another one.

    mirrored: how the frame is painted, nothing else. layer: the deformable layer, 0-based.
    """

    paused: bool = False
    mirrored: bool = False
    anchors: bool = False
    offsets: bool = False
    layer: int = 0
