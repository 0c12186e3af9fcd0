"""The number formats that networks are timed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import torch

ModeName = Literal["fp32", "tf32", "bf16"]


@dataclass(frozen=True)
class Mode:
    """How numbers are held and multiplied, and in which order feature maps lie in memory."""

    dtype: torch.dtype = torch.float32
    tf32: bool = False
    layout: torch.memory_format = torch.contiguous_format


MODES: dict[ModeName, Mode] = {
    "fp32": Mode(),
    "tf32": Mode(tf32=True, layout=torch.channels_last),
    "bf16": Mode(torch.bfloat16, layout=torch.channels_last),
}


@contextmanager
def precision(mode: Mode) -> Iterator[None]:
    """TF32 as the mode wants it, and cuDNN's fastest kernels, as long as it is open."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark
    matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark = mode.tf32, mode.tf32, True
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark = before
