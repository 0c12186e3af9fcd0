"""Convolutions as inference wants them: with BatchNorm folded in, transposed ones as plain ones."""

import torch
from torch import Tensor, nn


def folded(
    conv: nn.Conv2d | nn.ConvTranspose2d, norm: nn.BatchNorm2d | None
) -> tuple[Tensor, Tensor]:
    """The weight of a convolution with the BatchNorm after it, if any, and the bias (outputs,).

    The weight has the convolution's own shape.
    """
    bias = conv.weight.new_zeros(conv.out_channels) if conv.bias is None else conv.bias
    if norm is None:
        return conv.weight, bias
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    outputs = (-1, 1, 1) if isinstance(conv, nn.ConvTranspose2d) else (-1, 1, 1, 1)
    return conv.weight * scale.view(outputs), norm.bias + (bias - norm.running_mean) * scale


def phases(weight: Tensor) -> Tensor:
    """A transposed convolution's weight (C, N, 4, 4), stride 2, as plain ones' (4, 2 * 2, C, N).

    Phase 2 p + q gives rows 2 i + p and columns 2 j + q of the output. Row 2 i + p reads input rows
    i + p - 1 and i + p, with taps 3 and 1 for p = 0 and taps 2 and 0 for p = 1; columns alike.
    """
    by_tap = weight.permute(2, 3, 0, 1)
    taps = torch.tensor([[3, 1], [2, 0]])
    return torch.stack([by_tap[taps[p]][:, taps[q]].flatten(0, 1) for p in (0, 1) for q in (0, 1)])
