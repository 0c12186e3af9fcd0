"""The depthwise convolution over tokens with its SiLU on the GPU in Triton, forward and backward.

The backward kernel works the convolution out again rather than keep it. The weights' gradients are
partial sums for each program, summed after: deterministic. All arithmetic is float32.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

TOKENS, CHANNELS = 16, 128
"""The tile of one program."""


@triton.jit
def _before_silu(x, row, weight, bias, token, t, length, d, inside, SIZE: tl.constexpr):
    """The convolution at tokens t of a picture, (tokens, channels); `token` numbers all tokens."""
    total = tl.load(bias + d, mask=inside, other=0.0).to(tl.float32)[None, :]
    for j in tl.static_range(SIZE):
        move = j - SIZE // 2
        here = ((t + move >= 0) & (t + move < length))[:, None] & inside[None, :]
        seen = tl.load(x + (token + move)[:, None] * row + d[None, :], mask=here, other=0.0)
        w = tl.load(weight + d * SIZE + j, mask=inside, other=0.0).to(tl.float32)
        total += seen.to(tl.float32) * w[None, :]
    return total


@triton.jit
def _forward(
    x, weight, bias, gate, y, row, row_gate, tokens, length, channels,
    SIZE: tl.constexpr, TOKENS: tl.constexpr, CHANNELS: tl.constexpr, GATED: tl.constexpr,
):  # fmt: skip
    token = (tl.program_id(1) * TOKENS + tl.arange(0, TOKENS)).to(tl.int64)
    d = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    # Past the last token t is far outside the picture: nothing is read there.
    t = tl.where(token < tokens, (token % length).to(tl.int32), -SIZE)
    inside = d < channels
    z = _before_silu(x, row, weight, bias, token, t, length, d, inside, SIZE)
    here = (token < tokens)[:, None] & inside[None, :]
    out = z * tl.sigmoid(z)
    if GATED:
        g = tl.load(gate + token[:, None] * row_gate + d[None, :], mask=here, other=0.0)
        out *= g.to(tl.float32) * tl.sigmoid(g.to(tl.float32))
    tl.store(y + token[:, None] * channels + d[None, :], out, mask=here)


@triton.jit
def _backward(
    x, weight, bias, grad_y, grad_x, grad_weight, grad_bias, row, tokens, length, channels,
    SIZE: tl.constexpr, TOKENS: tl.constexpr, CHANNELS: tl.constexpr,
):  # fmt: skip
    program = tl.program_id(1)
    token = (program * TOKENS + tl.arange(0, TOKENS)).to(tl.int64)
    d = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    t = tl.where(token < tokens, (token % length).to(tl.int32), -2 * SIZE)
    inside = d < channels
    grad = tl.zeros((TOKENS, CHANNELS), tl.float32)
    for j in tl.static_range(SIZE):
        # The output at t - move read x at t with weight j.
        move = j - SIZE // 2
        here = ((t - move >= 0) & (t - move < length))[:, None] & inside[None, :]
        z = _before_silu(x, row, weight, bias, token - move, t - move, length, d, inside, SIZE)
        at = (token - move)[:, None] * channels + d[None, :]
        gy = tl.load(grad_y + at, mask=here, other=0.0).to(tl.float32)
        sigmoid = tl.sigmoid(z)
        gz = gy * sigmoid * (1.0 + z * (1.0 - sigmoid))
        w = tl.load(weight + d * SIZE + j, mask=inside, other=0.0).to(tl.float32)
        grad += gz * w[None, :]
        own = (t >= 0)[:, None] & inside[None, :]
        seen = tl.load(x + token[:, None] * row + d[None, :], mask=own, other=0.0).to(tl.float32)
        gw = tl.sum(gz * seen, axis=0)
        tl.store(grad_weight + (program * channels + d) * SIZE + j, gw, mask=inside)
        if j == SIZE // 2:
            tl.store(grad_bias + program * channels + d, tl.sum(gz, axis=0), mask=inside)
    here = (token < tokens)[:, None] & inside[None, :]
    tl.store(grad_x + token[:, None] * channels + d[None, :], grad, mask=here)


def _grid(tokens: int, channels: int) -> tuple[int, int]:
    return triton.cdiv(channels, CHANNELS), triton.cdiv(tokens, TOKENS)


def _rows(x: Tensor) -> Tensor:
    """Tokens (batch, L, D) at even distances: x itself, as a slice of channels is, or a copy."""
    even = x.stride(2) == 1 and (len(x) == 1 or x.stride(0) == x.stride(1) * x.shape[1])
    return x if even else x.contiguous()


def run(x: Tensor, weight: Tensor, bias: Tensor, gate: Tensor | None = None) -> Tensor:
    """As `reference.conv_silu`, in x's type, without gradients; times SiLU(gate) if given."""
    x, gate = _rows(x), None if gate is None else _rows(gate)
    batch, length, channels = x.shape
    y = x.new_empty(x.shape)
    _forward[_grid(batch * length, channels)](
        x, weight.contiguous(), bias.contiguous(), gate, y,
        x.stride(1), 0 if gate is None else gate.stride(1),
        batch * length, length, channels, weight.shape[-1], TOKENS, CHANNELS, gate is not None,
    )  # fmt: skip
    return y


@torch.library.custom_op("dfmamba::conv_silu", mutates_args=())
def conv_operator(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """`run` as an operator that torch knows."""
    return run(x, weight, bias)


@conv_operator.register_fake
def _(x, weight, bias):
    return x.new_empty(x.shape)


@torch.library.custom_op("dfmamba::conv_silu_backward", mutates_args=())
def conv_silu_backward(
    x: Tensor, weight: Tensor, bias: Tensor, grad_y: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of x, the weight and the bias."""
    x = _rows(x)
    batch, length, channels = x.shape
    grid = _grid(batch * length, channels)
    grad_x = x.new_empty(x.shape)
    grad_weight = x.new_empty((grid[1], *weight.shape), dtype=torch.float32)
    grad_bias = x.new_empty((grid[1], channels), dtype=torch.float32)
    _backward[grid](
        x, weight.contiguous(), bias.contiguous(), grad_y.contiguous(),
        grad_x, grad_weight, grad_bias, x.stride(1),
        batch * length, length, channels, weight.shape[-1], TOKENS, CHANNELS,
    )  # fmt: skip
    return grad_x, grad_weight.sum(0).to(weight.dtype), grad_bias.sum(0).to(bias.dtype)


@conv_silu_backward.register_fake
def _(x, weight, bias, grad_y):
    return x.new_empty(x.shape), torch.empty_like(weight), torch.empty_like(bias)


def _keep(ctx, inputs, output):
    ctx.save_for_backward(*inputs)


def _differentiate(ctx, grad_y):
    return conv_silu_backward(*ctx.saved_tensors, grad_y)


conv_operator.register_autograd(_differentiate, setup_context=_keep)


def conv_silu(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """As `reference.conv_silu`, in x's type."""
    inputs = (x, weight, bias)
    learning = torch.is_grad_enabled() and any(each.requires_grad for each in inputs)
    return conv_operator(*inputs) if learning or torch.compiler.is_compiling() else run(*inputs)
