"""The fused network on raw frames, replayed from CUDA graphs.

A graph holds everything from the frame, which is on the GPU already, to the joints in pinned
memory: the crops, the network, its read-out and the copy back. The processor launches one graph and
waits once, for its end. What the deformable layers did is read by a second graph, which runs when
it is asked for: into one piece of pinned memory, in one copy.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dfmamba.camera import Crop
from dfmamba.engine.device_frames import DeviceFrames
from dfmamba.engine.dfmamba import triton_crop
from dfmamba.engine.dfmamba.fused import FusedNetwork
from dfmamba.engine.dfmamba.supported import known_parts, parts_of
from dfmamba.engine.dfmamba.traces import Seen, anchors_of, packed, unpacked
from dfmamba.engine.dfmamba.triton_readout import NUMBERS, outputs_of
from dfmamba.engine.outputs import Outputs
from dfmamba.errors import UserError
from dfmamba.model import HandNetwork, ScanTrace

WARM_UPS = 3
"""Runs before a capture: kernels are built in the first."""
KEPT = 8
"""The graphs that were used last; of a folder each picture may be of another size."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Graph:
    """One captured run for a frame's size and a number of crops.

    crops (count, 4): pinned, filled before a replay. outputs: views of pinned
    memory, valid after it. reading: a graph that packs `seen`, what the deformable layers left on
    the GPU, into `scans`, pinned. held: what the graph uses and must not be freed.
    """

    graph: torch.cuda.CUDAGraph
    crops: NDArray[np.float32]
    outputs: Outputs
    reading: torch.cuda.CUDAGraph
    scans: NDArray[np.float32]
    seen: list[Seen]
    held: tuple[Tensor, ...]


class GraphRunner:
    """The network of one camera, in float16, on an NVIDIA GPU."""

    def __init__(
        self, network: HandNetwork, device: torch.device, frames: DeviceFrames | None = None
    ) -> None:
        self.hands = network.hands
        self._device, self._frames = device, frames or DeviceFrames(device)
        self._size = network.config.input_size
        with torch.inference_mode():
            self._network = _built(network.to(device).eval())
        self._anchors = anchors_of(parts_of(network)[0])
        self._graphs: dict[tuple[int, ...], _Graph] = {}

    @staticmethod
    def supports(network: HandNetwork) -> bool:
        """A DF-Mamba backbone under a heatmap decoder."""
        return known_parts(network) is not None

    def __call__(
        self, frame: NDArray[np.uint8], crops: Sequence[Crop], tracing: bool = False
    ) -> tuple[Outputs, list[ScanTrace]]:
        """As `Runner`."""
        graph = self._graph(self._frames.send(frame), len(crops))
        graph.crops[:] = [(c.x, c.y, c.side, -1.0 if c.mirrored else 1.0) for c in crops]
        graph.graph.replay()
        if tracing:
            graph.reading.replay()
        torch.cuda.current_stream(self._device).synchronize()
        self._frames.forget()  # nobody looks at it after the network
        return graph.outputs, self._traces(graph) if tracing else []

    def _traces(self, graph: _Graph) -> list[ScanTrace]:
        # A copy: the next run fills the pinned memory again, while these are still looked at.
        return unpacked(graph.scans.copy(), graph.seen, self._anchors)

    def _graph(self, frame: Tensor, count: int) -> _Graph:
        key = frame.data_ptr(), *frame.shape[:2], count
        graph = self._graphs.pop(key, None) or self._capture(frame, count)
        self._graphs[key] = graph  # at the end: the first one was not used for the longest time
        if len(self._graphs) > KEPT:
            del self._graphs[next(iter(self._graphs))]
        return graph

    @torch.inference_mode()
    def _capture(self, frame: Tensor, count: int) -> _Graph:
        pinned_crops = torch.ones((count, triton_crop.CROP_FLOATS)).pin_memory()
        pinned_outputs = torch.zeros((count, NUMBERS)).pin_memory()
        crops = torch.empty_like(pinned_crops, device=self._device)
        # A fourth channel, never read, gives every pixel 8 bytes.
        shape = (count, self._size, self._size, 4)
        pictures = torch.zeros(shape, dtype=torch.float16, device=self._device)

        def run() -> None:
            crops.copy_(pinned_crops, non_blocking=True)
            triton_crop.crop(frame, crops, pictures)
            pinned_outputs.copy_(self._network(pictures), non_blocking=True)

        stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                run()
        torch.cuda.current_stream(self._device).wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            run()
        seen = [each.seen for each in self._network.backbone.scans if each.seen is not None]
        pinned_scans = packed(seen).cpu().pin_memory()
        reading = torch.cuda.CUDAGraph()
        with torch.cuda.graph(reading):
            pinned_scans.copy_(packed(seen), non_blocking=True)
        return _Graph(
            graph,
            pinned_crops.numpy(),
            outputs_of(pinned_outputs.numpy()),
            reading,
            pinned_scans.numpy(),
            seen,
            (frame, crops, pictures),
        )


def _built(network: HandNetwork) -> FusedNetwork:
    """The fused network with its kernels built, which takes a while the first time.

    Raises:
        UserError: the kernels cannot be built on this machine.
    """
    log.info("preparing the GPU's kernels, which takes half a minute the first time")
    fused = FusedNetwork(network, torch.float16)
    size = network.config.input_size
    picture = torch.zeros((1, size, size, 4), dtype=torch.float16, device=network.mean.device)
    try:
        fused(picture)
    except RuntimeError as error:  # Triton's way to say that it found no compiler
        raise UserError(
            f"the GPU's kernels cannot be built ({error}); install a C compiler, as gcc, "
            "or give --device cpu"
        ) from error
    return fused
