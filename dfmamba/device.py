"""Where the network runs."""

from typing import Literal

import torch

from dfmamba.errors import UserError

DeviceName = Literal["auto", "cpu", "cuda"]


def open_device(name: DeviceName) -> torch.device:
    """The device of that name; auto is the GPU where there is one.

    Raises:
        UserError: a GPU is asked for that is not there.
    """
    has_gpu = torch.cuda.is_available()
    if name == "cuda" and not has_gpu:
        raise UserError("no NVIDIA GPU can be used here; give --device cpu")
    return torch.device("cuda" if has_gpu and name != "cpu" else "cpu")


def device_name(device: torch.device) -> str:
    """What the device is called, for people: the GPU's name, or CPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
