"""The depthwise convolution over tokens with its SiLU: plain torch beside a Triton kernel."""

import torch
from torch import Tensor

from dfmamba.ops.conv import reference

if torch.cuda.is_available():
    from dfmamba.ops.conv import triton_conv

__all__ = ["conv_silu"]


def conv_silu(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """SiLU of a depthwise convolution along the tokens; arguments as in `reference.conv_silu`."""
    if x.is_cuda:
        return triton_conv.conv_silu(x, weight, bias)
    return reference.conv_silu(x, weight, bias)
