"""The line at the bottom: what is played, by what, and how it goes; messages for people."""

from collections import deque

import torch
from PySide6.QtWidgets import QLabel, QStatusBar

from app.worker import Result

RECENT = 100
"""Frames over which the detector's share is taken."""
MESSAGE_MS = 6000
_NAMES = ("source", "device", "frame", "hands", "dropped", "detector", "renderer")


class StatusLine(QStatusBar):
    """Source on the left, the rest on the right; a message takes the source's place."""

    def __init__(self, device: str, renderer: str) -> None:
        super().__init__()
        self._labels = {name: QLabel() for name in _NAMES}
        self._detected: deque[bool] = deque(maxlen=RECENT)
        gpu = device != "cpu" and torch.cuda.is_available()
        badge = self._labels["device"]
        badge.setObjectName("device")
        badge.setProperty("gpu", gpu)
        badge.setText(torch.cuda.get_device_name() if gpu else "CPU")
        self._labels["renderer"].setText(renderer)
        self.addWidget(self._labels["source"])
        for name in _NAMES[1:]:
            self.addPermanentWidget(self._labels[name])

    def text(self, name: str) -> str:
        """What is written under a name: source, device, frame, hands, dropped and so on."""
        return self._labels[name].text()

    def show_source(self, name: str) -> None:
        """Start on another source."""
        self._detected.clear()
        self.clearMessage()
        self._labels["source"].setText(name)

    def show_result(self, result: Result) -> None:
        """Tell what came of a frame."""
        estimate = result.estimate
        self._detected.append(estimate.detected)
        share = 100 * sum(self._detected) / len(self._detected)
        sides = ", ".join(hand.side for hand in estimate.hands) or "none"
        self._labels["frame"].setText(f"frame {result.frame.index}")
        self._labels["hands"].setText(f"hands: {sides}")
        self._labels["dropped"].setText(f"dropped {result.dropped}")
        self._labels["detector"].setText(f"detector in {share:.0f}% of frames")

    def say(self, message: str, lasting: bool = False) -> None:
        """Show a message for some seconds, or until the next one."""
        self.showMessage(message, 0 if lasting else MESSAGE_MS)
