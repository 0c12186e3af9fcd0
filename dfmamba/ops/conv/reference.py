"""The depthwise convolution over tokens in plain torch (paper, Fig. 4)."""

import torch
from torch import Tensor
from torch.nn import functional as F


def conv_silu(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """SiLU(conv(x)), zeros before the first and after the last token.

    x (batch, L, D); weight (D, 1, k), k odd; bias (D,). Returns (batch, L, D).
    """
    size, length = weight.shape[-1], x.shape[1]
    padded = F.pad(x, (0, 0, size // 2, size // 2))
    out = bias
    for j in range(size):
        out = torch.addcmul(out, padded[:, j : j + length], weight[:, 0, j])
    return F.silu(out)
