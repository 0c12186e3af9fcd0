"""Where the network runs."""

import platform
from pathlib import Path
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


def chip_name(device: torch.device) -> str:
    """The GPU's or the processor's own name, for what was measured on it."""
    return device_name(device) if device.type == "cuda" else _processor()


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
