"""Which implementation runs: Triton kernels on a GPU, chunked torch elsewhere."""

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.ops.dssm import chunked, reference
from dfmamba.ops.dssm.sampling import sampling_matrix

# Imported with the library, not at the first scan: Triton and Mesa's software OpenGL carry an LLVM
# each, and Triton loaded after OpenGL crashes.
if torch.cuda.is_available():
    from dfmamba.ops.dssm import triton_sampling, triton_scan


def scan(
    v: Tensor, x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, gate: Tensor
) -> Tensor:
    """The scan of sampled tokens v (paper, Eq. 6); arguments as in `reference.scan`."""
    if x.is_cuda:
        return triton_scan.scan(v, x, dt, A, B, C, D, gate)
    y = chunked.selective_scan(v, F.softplus(dt), A, B, C)
    return reference.skip_and_gate(y, x, D, gate)


def dssm(
    x: Tensor,
    dt: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor,
    gate: Tensor,
    offsets: Tensor,
    weights: Tensor,
    anchors: Tensor,
    height: int,
    width: int,
) -> Tensor:
    """The deformable state space layer (paper, Eq. 5 and 6); arguments as in `reference.dssm`."""
    if x.is_cuda:
        v = triton_sampling.sample(x, offsets, weights, anchors, height, width)
    else:
        v = sampling_matrix(offsets, weights, anchors, height, width).to(x.dtype) @ x
    return scan(v, x, dt, A, B, C, D, gate)
