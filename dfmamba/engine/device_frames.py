"""Frames on a GPU: each is sent there once, whoever looks at it."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class DeviceFrames:
    """Holds the frame that was sent last, in memory that stays where it is while sizes allow.

    CUDA graphs that read a frame belong to one `data_ptr()` of what `send` returns.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._sent: NDArray[np.uint8] | None = None
        self._pinned = torch.empty(0, dtype=torch.uint8)
        self._there = torch.empty(0, dtype=torch.uint8, device=device)

    @classmethod
    def on(cls, device: torch.device) -> "DeviceFrames | None":
        """Those of a GPU; None on a processor, where nothing is sent."""
        return cls(device) if device.type == "cuda" else None

    def send(self, frame: NDArray[np.uint8]) -> Tensor:
        """An RGB frame (H, W, 3) uint8 on the device; valid until another is sent.

        The frame sent last is not sent again, unless it was forgotten. What reads it is waited for
        before the next call.
        """
        if self._there.numel() < frame.size:
            self._pinned = torch.empty(frame.size, dtype=torch.uint8).pin_memory()
            self._there = torch.empty(frame.size, dtype=torch.uint8, device=self.device)
            self._sent = None
        there = self._there[: frame.size].view(frame.shape)
        if frame is not self._sent:
            pinned = self._pinned[: frame.size].view(frame.shape)
            np.copyto(pinned.numpy(), frame)
            there.copy_(pinned, non_blocking=True)
            self._sent = frame
        return there

    def forget(self) -> None:
        """The last frame may change from now on: the next one is sent even if it is the same."""
        self._sent = None
