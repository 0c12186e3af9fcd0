"""What runs the network on a frame's crops, whatever the machine."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.camera import Crop
from dfmamba.engine.outputs import Outputs
from dfmamba.model import HandNetwork, ScanTrace, read_out, trace


class Runner(Protocol):
    """The network on its device."""

    def __call__(
        self, frame: NDArray[np.uint8], crops: Sequence[Crop], tracing: bool = False
    ) -> tuple[Outputs, list[ScanTrace]]:
        """What each crop of an RGB frame (H, W, 3) shows, valid until the next call.

        When `tracing`, the trace of each deformable layer as well, of all hands, NumPy arrays.
        """


class ModuleRunner:
    """The network as torch runs it, in float32: for the processor."""

    def __init__(self, network: HandNetwork) -> None:
        self._network = network.eval()

    @torch.inference_mode()
    def __call__(
        self, frame: NDArray[np.uint8], crops: Sequence[Crop], tracing: bool = False
    ) -> tuple[Outputs, list[ScanTrace]]:
        """As `Runner`."""
        size = self._network.config.input_size
        pictures = np.stack([crop.extract(frame, size) for crop in crops])
        images = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
        with trace(self._network, None if tracing else []) as traces:
            read = read_out(self._network(images), size)
        parts = read.joints_px / size, read.joints, read.peak[..., None]
        outputs = Outputs(torch.cat(parts, dim=-1).float().numpy(), read.hand.numpy())
        return outputs, [each.numpy() for each in traces.values()]


def open_runner(network: HandNetwork, device: torch.device) -> Runner:
    """The fastest way to run the network on a device."""
    if device.type == "cuda":
        from dfmamba.engine.graphs import GraphRunner

        return GraphRunner(network, device)
    return ModuleRunner(network)
