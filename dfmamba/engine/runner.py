"""What runs a network on a frame's crops, whatever the network and the machine."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.camera import Crop
from dfmamba.engine.crops import pictures_of
from dfmamba.engine.device_frames import DeviceFrames
from dfmamba.engine.outputs import Outputs
from dfmamba.model import HandNetwork, ScanTrace, trace


class Runner(Protocol):
    """A network on its device."""

    hands: int
    """How many hands it reads of a crop: H of `Outputs`."""

    def __call__(
        self, frame: NDArray[np.uint8], crops: Sequence[Crop], tracing: bool = False
    ) -> tuple[Outputs, list[ScanTrace]]:
        """What one or more crops of an RGB frame (H, W, 3) show, valid until the next call.

        When `tracing`, the trace of each deformable layer as well, of all crops, NumPy arrays; none
        for a network without such layers.
        """


class FastRunner(Runner, Protocol):
    """A runner that knows the insides of some networks."""

    def __init__(
        self, network: HandNetwork, device: torch.device, frames: DeviceFrames | None = None
    ) -> None: ...

    @staticmethod
    def supports(network: HandNetwork) -> bool:
        """Whether it can run the network."""


class ModuleRunner:
    """Any network, run as the module that it is, in float32."""

    def __init__(self, network: HandNetwork, device: torch.device) -> None:
        self.hands = network.hands
        self._network, self._device = network.to(device).eval(), device
        self._size = network.config.input_size

    @torch.inference_mode()
    def __call__(
        self, frame: NDArray[np.uint8], crops: Sequence[Crop], tracing: bool = False
    ) -> tuple[Outputs, list[ScanTrace]]:
        """As `Runner`."""
        images = pictures_of(frame, crops, self._size).to(self._device)
        with trace(self._network, None if tracing else ()) as scans:
            read = self._network.read_out(self._network(images))
        outputs = Outputs(
            (read.joints_px / self._size).float().cpu().numpy(),
            *(each.float().cpu().numpy() for each in read[1:]),
        )
        return outputs, [scans[layer].numpy() for layer in sorted(scans)]


def open_runner(
    network: HandNetwork, device: torch.device, frames: DeviceFrames | None = None
) -> Runner:
    """The fastest runner of the network on a device.

    frames: of that device, a GPU, where others look at the same frames before.
    """
    for runner in _fast_runners(device):
        if runner.supports(network):
            return runner(network, device, frames)
    return ModuleRunner(network, device)


def _fast_runners(device: torch.device) -> Iterator[type[FastRunner]]:
    if device.type == "cuda":
        from dfmamba.engine.dfmamba.graphs import GraphRunner  # needs Triton

        yield GraphRunner
    if device.type == "cpu":
        from dfmamba.engine.dfmamba.processor_runner import ProcessorRunner

        yield ProcessorRunner
