"""The selective scan on the GPU, forward and backward, in Triton.

One program walks the tokens of one picture for a block of channels with the whole state (channels
x N) in registers. The backward program runs the scan once more, keeps each state in scratch
memory, and walks back. Every sum over programs goes through a buffer of partial sums, so the
gradients are deterministic. All arithmetic is float32, whatever the inputs' type.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

BLOCK = 32
"""Channels in one program: one warp, N state values a thread."""


@triton.jit
def _forward(v, dt, A, B, C, y, length, channels, N: tl.constexpr, BLOCK: tl.constexpr):
    picture = tl.program_id(0).to(tl.int64)
    d = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    n = tl.arange(0, N)
    inside = d < channels
    a = tl.load(A + d[:, None] * N + n[None, :], mask=inside[:, None], other=0.0)
    state = tl.zeros((BLOCK, N), tl.float32)
    for t in range(length):
        token = picture * length + t
        step = tl.load(dt + token * channels + d, mask=inside, other=0.0).to(tl.float32)
        value = tl.load(v + token * channels + d, mask=inside, other=0.0).to(tl.float32)
        b = tl.load(B + token * N + n).to(tl.float32)
        c = tl.load(C + token * N + n).to(tl.float32)
        state = tl.exp(step[:, None] * a) * state + (step * value)[:, None] * b[None, :]
        out = tl.sum(state * c[None, :], axis=1)
        tl.store(y + token * channels + d, out, mask=inside)


@triton.jit
def _backward(
    v, dt, A, B, C, grad_y, states, grad_v, grad_dt, grad_A, grad_B, grad_C,
    length, channels, N: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    picture = tl.program_id(0).to(tl.int64)
    block = tl.program_id(1)
    d = block * BLOCK + tl.arange(0, BLOCK)
    n = tl.arange(0, N)
    inside = d < channels
    square = d[:, None] * N + n[None, :]
    a = tl.load(A + square, mask=inside[:, None], other=0.0)

    # Forward once more: states[t] is the state before token t.
    state = tl.zeros((BLOCK, N), tl.float32)
    for t in range(length):
        token = picture * length + t
        tl.store(states + token * channels * N + square, state, mask=inside[:, None])
        step = tl.load(dt + token * channels + d, mask=inside, other=0.0).to(tl.float32)
        value = tl.load(v + token * channels + d, mask=inside, other=0.0).to(tl.float32)
        b = tl.load(B + token * N + n).to(tl.float32)
        state = tl.exp(step[:, None] * a) * state + (step * value)[:, None] * b[None, :]
    tl.debug_barrier()

    grad_state = tl.zeros((BLOCK, N), tl.float32)
    sum_a = tl.zeros((BLOCK, N), tl.float32)
    partial = (block.to(tl.int64) * tl.num_programs(0) + picture) * length
    for back in range(length):
        t = length - 1 - back
        token = picture * length + t
        step = tl.load(dt + token * channels + d, mask=inside, other=0.0).to(tl.float32)
        value = tl.load(v + token * channels + d, mask=inside, other=0.0).to(tl.float32)
        gy = tl.load(grad_y + token * channels + d, mask=inside, other=0.0).to(tl.float32)
        b = tl.load(B + token * N + n).to(tl.float32)
        c = tl.load(C + token * N + n).to(tl.float32)
        before = tl.load(states + token * channels * N + square, mask=inside[:, None], other=0.0)
        decay = tl.exp(step[:, None] * a)
        state = decay * before + (step * value)[:, None] * b[None, :]

        grad_state += gy[:, None] * c[None, :]
        through_b = tl.sum(grad_state * b[None, :], axis=1)
        through_decay = grad_state * before * decay
        sum_a += through_decay * step[:, None]
        gdt = through_b * value + tl.sum(through_decay * a, axis=1)
        tl.store(grad_v + token * channels + d, through_b * step, mask=inside)
        tl.store(grad_dt + token * channels + d, gdt, mask=inside)
        gc = tl.sum(tl.where(inside[:, None], gy[:, None] * state, 0.0), axis=0)
        gb = tl.sum(grad_state * (step * value)[:, None], axis=0)
        tl.store(grad_C + (partial + t) * N + n, gc)
        tl.store(grad_B + (partial + t) * N + n, gb)
        grad_state = grad_state * decay
    tl.store(grad_A + picture * channels * N + square, sum_a, mask=inside[:, None])


class _SelectiveScan(torch.autograd.Function):
    @staticmethod
    def forward(ctx, v, dt, A, B, C):
        v, dt, A, B, C = (each.contiguous() for each in (v, dt, A.float(), B, C))
        batch, length, channels = v.shape
        y = torch.empty_like(v)
        grid = (batch, triton.cdiv(channels, BLOCK))
        _forward[grid](v, dt, A, B, C, y, length, channels, A.shape[1], BLOCK, num_warps=1)
        ctx.save_for_backward(v, dt, A, B, C)
        return y

    @staticmethod
    def backward(ctx, grad_y):
        v, dt, A, B, C = ctx.saved_tensors
        batch, length, channels = v.shape
        N, blocks = A.shape[1], triton.cdiv(channels, BLOCK)
        new = {"device": v.device, "dtype": torch.float32}
        states = torch.empty((batch, length, channels, N), **new)
        grad_v, grad_dt = torch.empty_like(v), torch.empty_like(dt)
        grad_A = torch.empty((batch, channels, N), **new)
        grad_B = torch.empty((blocks, batch, length, N), **new)
        grad_C = torch.empty_like(grad_B)
        _backward[(batch, blocks)](
            v, dt, A, B, C, grad_y.contiguous(), states, grad_v, grad_dt, grad_A, grad_B, grad_C,
            length, channels, N, BLOCK, num_warps=1,
        )  # fmt: skip
        return grad_v, grad_dt, grad_A.sum(0), grad_B.sum(0).to(B.dtype), grad_C.sum(0).to(C.dtype)


def selective_scan(v: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    """As `reference.selective_scan`, in v's type; N must be a power of two.

    Raises:
        ValueError: N is not a power of two.
    """
    N = A.shape[1]
    if N & (N - 1):
        raise ValueError(f"the GPU scan needs a state size that is a power of two, not {N}")
    result: Tensor = _SelectiveScan.apply(v, dt, A, B, C)
    return result
