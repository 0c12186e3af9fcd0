"""The finder on a GPU: from a frame that is there to the peaks of its maps in one CUDA graph."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dfmamba.engine.device_frames import DeviceFrames
from dfmamba.engine.dfmamba import triton_crop
from dfmamba.finder.decode import Found, hands_of, peaks
from dfmamba.finder.look import LOOK_SIZE, Part
from dfmamba.finder.network import FastFinder, FinderNetwork
from dfmamba.images import Picture

WARM_UPS = 3
"""Runs before a capture: kernels are built in the first."""
KEPT = 8
"""The graphs that were used last."""


class _Graph(NamedTuple):
    """A captured run; parts and peaks are pinned, the former filled before a replay."""

    graph: torch.cuda.CUDAGraph
    parts: NDArray[np.float32]
    peaks: NDArray[np.float32]
    held: tuple[Tensor, ...]


class GraphLook:
    """Looks on an NVIDIA GPU, in float32; parts are seen as squares, with black beside them."""

    def __init__(self, network: FinderNetwork, frames: DeviceFrames) -> None:
        """frames: through which frames get to the device."""
        self._finder, self._frames = FastFinder(network.to(frames.device)), frames
        self._graphs: dict[tuple[int, ...], _Graph] = {}

    def __call__(self, frame: Picture, parts: Sequence[Part], least_score: float) -> list[Found]:
        """As `Look`."""
        there = self._frames.send(frame)
        key = (there.data_ptr(), *there.shape[:2], len(parts))
        graph = self._graphs.pop(key, None) or self._captured(there, len(parts))
        self._graphs[key] = graph  # at the end: the first one was not used for the longest time
        if len(self._graphs) > KEPT:
            del self._graphs[next(iter(self._graphs))]
        sides = [part.scale * LOOK_SIZE for part in parts]
        graph.parts[:] = [
            (part.x + side / 2, part.y + side / 2, side, 1.0)
            for part, side in zip(parts, sides, strict=True)
        ]
        graph.graph.replay()
        torch.cuda.current_stream(self._frames.device).synchronize()
        return [
            hands_of(rows, least_score).moved(part.scale, part.x, part.y)
            for rows, part in zip(graph.peaks, parts, strict=True)
        ]

    @torch.inference_mode()
    def _captured(self, there: Tensor, count: int) -> _Graph:
        device = self._frames.device
        pinned_parts = torch.ones((count, triton_crop.CROP_FLOATS)).pin_memory()
        parts = torch.empty_like(pinned_parts, device=device)
        shape = (count, LOOK_SIZE, LOOK_SIZE, 3)
        pictures = torch.zeros(shape, device=device)

        def run() -> Tensor:
            parts.copy_(pinned_parts, non_blocking=True)
            triton_crop.crop(there, parts, pictures, triton_crop.AS_IT_IS)
            return peaks(self._finder(pictures.permute(0, 3, 1, 2)))

        stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                found = run()
        torch.cuda.current_stream(device).wait_stream(stream)
        pinned_peaks = torch.zeros(found.shape).pin_memory()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            pinned_peaks.copy_(run(), non_blocking=True)
        return _Graph(graph, pinned_parts.numpy(), pinned_peaks.numpy(), (there, parts, pictures))
