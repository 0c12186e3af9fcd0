"""What the session knows of whatever plays a source."""

from typing import Protocol

from PySide6.QtCore import SignalInstance

from dfmamba.frame import Frame
from dfmamba_live.result import Result


class Playing(Protocol):
    """Plays one source in threads of its own; its signals come on the main thread."""

    tracing: bool
    """Whether the deformable layers are read too."""

    @property
    def ready(self) -> SignalInstance:
        """`take` has a result."""

    @property
    def told(self) -> SignalInstance:
        """Something did not work, and the rest goes on; carries a line for people."""

    @property
    def failed(self) -> SignalInstance:
        """It has stopped; carries a line for people."""

    def start(self) -> None:
        """Start to play."""

    def stop(self) -> bool:
        """Stop and join all threads; False where one hangs and was left behind."""

    def pause(self, paused: bool) -> None:
        """Hold the source, or go on."""

    def again(self, frame: Frame) -> None:
        """Look at the shown frame once more, for what is wanted of it only now."""

    def take(self) -> Result | None:
        """The newest result not taken yet."""
