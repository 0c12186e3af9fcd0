"""The network run on crops: pictures in, joints in the frame out."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from dfmamba.camera import Crop
from dfmamba.model import HandNetwork, HandReadout, ScanTrace, read_out, trace


class Reading(NamedTuple):
    """What the network says of one crop, turned back to the frame.

    joints_px (21, 2): frame pixels. joints (21, 3): relative to the wrist, palm units, camera
    axes. confidence (21,): 0 to 1.
    """

    joints_px: NDArray[np.float64]
    joints: NDArray[np.float64]
    confidence: NDArray[np.float64]


class HandReader:
    """The network on its device, all crops of a frame at once."""

    def __init__(self, network: HandNetwork, device: str | torch.device) -> None:
        self._device = torch.device(device)
        self._network = network.to(self._device).eval()
        self.size = network.config.input_size

    @torch.inference_mode()
    def __call__(
        self, pictures: Sequence[NDArray[np.uint8]], crops: Sequence[Crop], layer: int | None = None
    ) -> tuple[list[Reading], list[ScanTrace]]:
        """Readings of RGB pictures (S, S, 3) cut by `crops`, in their order.

        With a `layer`, that layer's trace for each picture as well, as NumPy arrays and without
        the batch dimension; else no traces.
        """
        images = torch.from_numpy(np.stack(pictures)).to(self._device)
        images = images.permute(0, 3, 1, 2).float() / 255
        with trace(self._network, [] if layer is None else [layer]) as traces:
            readout = read_out(self._network(images), self.size)
        readings = _readings(readout, crops, self.size)
        return readings, [_one(scan, i) for scan in traces.values() for i in range(len(crops))]


def _readings(readout: HandReadout, crops: Sequence[Crop], size: int) -> list[Reading]:
    arrays = (readout.joints_px, readout.joints, readout.confidence)
    return [
        # What the network saw mirrored, it also tells mirrored: x turns its sign.
        Reading(crop.to_frame(joints_px, size), joints * _mirror(crop), confidence)
        for crop, joints_px, joints, confidence in zip(crops, *map(_numpy, arrays), strict=True)
    ]


def _mirror(crop: Crop) -> NDArray[np.float64]:
    return np.array([-1.0 if crop.mirrored else 1.0, 1.0, 1.0])


def _numpy(tensor: torch.Tensor) -> NDArray[np.float64]:
    return np.asarray(tensor.double().cpu().numpy(), np.float64)


def _one(scan: ScanTrace, index: int) -> ScanTrace:
    """The trace of one picture of the batch, as NumPy arrays."""
    arrays: dict[str, Any] = {
        "anchors": scan.anchors,
        "offsets": scan.offsets[index],
        "weights": scan.weights[index],
        "step": scan.step[index],
        "order": scan.order,
    }
    numpy = {name: values.detach().cpu().numpy() for name, values in arrays.items()}
    return ScanTrace(scan.height, scan.width, **numpy)
