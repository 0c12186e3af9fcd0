"""Which implementation runs: the Triton scan on a GPU, plain torch elsewhere."""

import torch
from torch import Tensor

from dfmamba.ops.dssm import reference
from dfmamba.ops.dssm.sampling import sampling_matrix

# Imported with the library, not at the first scan: Triton and Mesa's software OpenGL carry an LLVM
# each, and Triton loaded after OpenGL crashes.
if torch.cuda.is_available():
    from dfmamba.ops.dssm import triton_scan


def selective_scan(v: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    """C_t . h_t of the paper's Eq. 6; shapes as in `reference.selective_scan`."""
    if v.is_cuda:
        return triton_scan.selective_scan(v, dt, A, B, C)
    return reference.selective_scan(v, dt, A, B, C)


def dssm(
    x: Tensor,
    dt: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor,
    offsets: Tensor,
    weights: Tensor,
    anchors: Tensor,
    height: int,
    width: int,
) -> Tensor:
    """The deformable state space layer (paper, Eq. 5 and 6); arguments as in `reference.dssm`."""
    matrix = sampling_matrix(offsets, weights, anchors, height, width)
    return selective_scan(matrix.to(x.dtype) @ x, dt, A, B, C) + D.to(x.dtype) * x
