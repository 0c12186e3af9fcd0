"""The line at the bottom: what is played, where the network runs, and messages for people."""

from PySide6.QtWidgets import QLabel, QStatusBar

from dfmamba_live.result import Result

MESSAGE_MS = 6000
_NAMES = ("source", "recording", "frame", "device", "renderer")


class StatusLine(QStatusBar):
    """Source on the left, the rest on the right; a message takes the source's place.

    weights: name of their file.
    """

    def __init__(self, device: str, weights: str, gpu: bool) -> None:
        super().__init__()
        self._labels = {name: QLabel() for name in _NAMES}
        self._size = ""
        badge = self._labels["device"]
        badge.setObjectName("device")
        badge.setProperty("gpu", gpu)
        badge.setText(f"{device} · {weights.removesuffix('.safetensors')}")
        badge.setToolTip(f"The network of {weights} runs on {device}")
        self._labels["recording"].setObjectName("recording")
        self._labels["recording"].hide()
        self._labels["renderer"].setToolTip("What draws the 3D view")
        self.addWidget(self._labels["source"])
        for name in _NAMES[1:]:
            self.addPermanentWidget(self._labels[name])
        # Qt does so too, but not before the window is shown.
        self.messageChanged.connect(lambda text: self._labels["source"].setHidden(bool(text)))

    def text(self, name: str) -> str:
        """What is written under a name: source, recording, frame, device or renderer."""
        return self._labels[name].text()

    def show_source(self, name: str) -> None:
        """Start on another source."""
        self.clearMessage()
        self._size = ""
        self._labels["source"].setText(name)

    def show_renderer(self, name: str) -> None:
        """Tell what draws the 3D view."""
        self._labels["renderer"].setText(name)

    def show_result(self, result: Result) -> None:
        """Tell which frame is shown."""
        if not result.pending:  # until then it may be shown in little
            height, width = result.frame.image.shape[:2]
            self._size = f"{width} × {height} · "
        self._labels["frame"].setText(f"{self._size}frame {result.frame.index}")

    def show_recorded(self, frames: int | None) -> None:
        """Tell how many frames are recorded so far; None while nothing is."""
        self._labels["recording"].setVisible(frames is not None)
        self._labels["recording"].setText(f"● recording, {frames} frames")

    def say(self, message: str, lasting: bool = False) -> None:
        """Show a message for some seconds, or until the next one."""
        self.showMessage(message, 0 if lasting else MESSAGE_MS)
