"""What the program is set to: one frozen record, and the one place that changes it."""

from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

from PySide6.QtCore import QObject, Signal

LAYERS = 7
"""The deformable layers that can be chosen."""


@dataclass(frozen=True)
class ViewState:
    """One setting of the program; a change makes another one."""

    paused: bool = False
    """Whether the picture is held."""
    recording: bool = False
    """Whether what is shown is kept on disk."""
    mirrored: bool = False
    """How the frame is painted, nothing else."""
    ghost: bool = False
    """Whether the joints before smoothing are shown too."""
    full_screen: bool = False
    """Whether the window fills the screen."""
    anchors: bool = False
    """Whether the anchors are shown, of the tokens under the joints or of `all_tokens`."""
    offsets: bool = False
    """Whether their offsets are."""
    layer: int = 0
    """The deformable layer, 0-based."""
    all_tokens: bool = False
    """Whether the scan is shown for all tokens, not only those under the joints."""
    only_anchor: int | None = None
    """The anchor whose offsets are shown; None: those of all."""
    heat: str = ""
    """What the heat map shows, "" for none."""
    order: bool = False
    """Whether the scan order is played."""
    following: bool = True
    """Whether the 3D view stays on the hands."""
    trails: bool = True
    """Whether it shows the paths of the fingertips."""

    @property
    def overlaid(self) -> bool:
        """Whether anything of the scan is painted over the hand."""
        return self.anchors or self.offsets or self.order or self.heat != ""


class Changes(TypedDict, total=False):
    """Fields of `ViewState` with new values."""

    paused: bool
    recording: bool
    mirrored: bool
    ghost: bool
    full_screen: bool
    anchors: bool
    offsets: bool
    layer: int
    all_tokens: bool
    only_anchor: int | None
    heat: str
    order: bool
    following: bool
    trails: bool


class Store(QObject):
    """Holds the state; `changed` carries each new one to whoever shows or follows it."""

    changed = Signal(object)

    def __init__(self, state: ViewState | None = None) -> None:
        super().__init__()
        self.state = state or ViewState()

    def change(self, **changes: Unpack[Changes]) -> None:
        """Set some fields; nothing is told where nothing changes."""
        before, self.state = self.state, replace(self.state, **changes)
        if self.state != before:
            self.changed.emit(self.state)
