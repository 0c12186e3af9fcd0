"""What a person, or the running clip, asks to see."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """A frame that should be shown."""

    number: int
    """Grows with every request: what belongs to an older one is dropped."""
    index: int
    """The frame's, in the clip."""
    playing: bool
    """Whether it is due because the clip plays."""
    asked: float
    """When it became due, by the player's clock."""
