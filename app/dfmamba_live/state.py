"""What the program is set to: one frozen record, and the one place that changes it."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True)
class ViewState:
    """One setting of the program; a change makes another one.

    mirrored: how the frame is painted, nothing else. ghost: the joints before smoothing are shown
    too. layer: the deformable layer, 0-based. anchors and offsets: of the tokens under the joints,
    or of all_tokens; of only_anchor, if given. heat: what the heat map shows, "" for none. order:
    the scan order is played. following: the 3D view stays on the hands. trails: it shows the paths
    of the fingertips.
    """

    paused: bool = False
    recording: bool = False
    mirrored: bool = False
    ghost: bool = False
    full_screen: bool = False
    anchors: bool = False
    offsets: bool = False
    layer: int = 0
    all_tokens: bool = False
    only_anchor: int | None = None
    heat: str = ""
    order: bool = False
    following: bool = True
    trails: bool = True

    @property
    def overlaid(self) -> bool:
        """Whether anything of the scan is painted over the hand."""
        return self.anchors or self.offsets or self.order or self.heat != ""


class Store(QObject):
    """Holds the state; `changed` carries each new one to whoever shows or follows it."""

    changed = Signal(object)

    def __init__(self, state: ViewState | None = None) -> None:
        super().__init__()
        self.state = state or ViewState()

    def change(self, **changes: object) -> None:
        """Set some fields; nothing is told where nothing changes."""
        before, self.state = self.state, replace(self.state, **changes)  # type: ignore[arg-type]
        if self.state != before:
            self.changed.emit(self.state)
