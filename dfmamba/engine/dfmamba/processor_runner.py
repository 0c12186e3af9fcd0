"""The network on a frame's crops on a processor."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.camera import Crop
from dfmamba.engine.crops import pictures_of
from dfmamba.engine.device_frames import DeviceFrames
from dfmamba.engine.dfmamba.processor import ProcessorNetwork
from dfmamba.engine.dfmamba.supported import known_parts, parts_of
from dfmamba.engine.dfmamba.traces import anchors_of, packed, unpacked
from dfmamba.engine.outputs import Outputs
from dfmamba.model import HandNetwork, ScanTrace


class ProcessorRunner:
    """The network of one camera, in float32, with fewer steps than the module takes."""

    def __init__(
        self,
        network: HandNetwork,
        device: torch.device,  # noqa: ARG002
        frames: DeviceFrames | None = None,  # noqa: ARG002
    ) -> None:
        self.hands = network.hands
        self._network = ProcessorNetwork(network)
        self._read_out = network.read_out
        self._size = network.config.input_size
        self._anchors = anchors_of(parts_of(network)[0])

    @staticmethod
    def supports(network: HandNetwork) -> bool:
        """A DF-Mamba backbone under a heatmap decoder."""
        return known_parts(network) is not None

    @torch.inference_mode()
    def __call__(
        self, frame: NDArray[np.uint8], crops: Sequence[Crop], tracing: bool = False
    ) -> tuple[Outputs, list[ScanTrace]]:
        """As `Runner`."""
        read = self._read_out(self._network(pictures_of(frame, crops, self._size)))
        places = (read.joints_px / self._size).numpy()
        outputs = Outputs(places, *(each.numpy() for each in read[1:]))
        return outputs, self._traces() if tracing else []

    def _traces(self) -> list[ScanTrace]:
        seen = [each.seen for each in self._network.backbone.scans if each.seen is not None]
        return unpacked(packed(seen).numpy(), seen, self._anchors)
