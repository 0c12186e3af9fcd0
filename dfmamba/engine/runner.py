"""What runs the network on a frame's crops, whatever the machine."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.camera import Crop
from dfmamba.engine.outputs import Outputs
from dfmamba.engine.processor import ProcessorNetwork
from dfmamba.engine.traces import anchors_of, packed, unpacked
from dfmamba.model import HandNetwork, ScanTrace, read_out


class Runner(Protocol):
    """The network on its device."""

    def __call__(
        self, frame: NDArray[np.uint8], crops: Sequence[Crop], tracing: bool = False
    ) -> tuple[Outputs, list[ScanTrace]]:
        """What each crop of an RGB frame (H, W, 3) shows, valid until the next call.

        When `tracing`, the trace of each deformable layer as well, of all hands, NumPy arrays.
        """


class ProcessorRunner:
    """The network on the processor, in float32."""

    def __init__(self, network: HandNetwork) -> None:
        self._network = ProcessorNetwork(network)
        self._size = network.config.input_size
        self._anchors = anchors_of(network)

    @torch.inference_mode()
    def __call__(
        self, frame: NDArray[np.uint8], crops: Sequence[Crop], tracing: bool = False
    ) -> tuple[Outputs, list[ScanTrace]]:
        """As `Runner`."""
        pictures = np.stack([crop.extract(frame, self._size) for crop in crops])
        images = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
        read = read_out(self._network(images), self._size)
        parts = read.joints_px / self._size, read.joints, read.peak[..., None]
        outputs = Outputs(torch.cat(parts, dim=-1).float().numpy(), read.hand.numpy())
        return outputs, self._traces() if tracing else []

    def _traces(self) -> list[ScanTrace]:
        seen = [each.seen for each in self._network.backbone.scans if each.seen is not None]
        return unpacked(packed(seen).numpy(), seen, self._anchors)


def open_runner(network: HandNetwork, device: torch.device) -> Runner:
    """The fastest way to run the network on a device."""
    if device.type == "cuda":
        from dfmamba.engine.graphs import GraphRunner

        return GraphRunner(network, device)
    return ProcessorRunner(network)
