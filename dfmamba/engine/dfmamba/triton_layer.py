"""One kernel for every convolution and linear layer of the network at inference, in Triton.

y = act(conv(norm(x)) + bias), or conv(norm(x)) + bias + residual, in one pass over channels-last
memory. A linear layer is a convolution of one tap; a transposed convolution of 4 taps and stride 2
is four convolutions of 2 x 2 taps, one for each parity of the output's row and column. Products run
on the tensor cores in the weights' type and add up in float32.

A LayerNorm before a linear layer costs no pass of its own: with its scale and shift folded into
weight and bias, W norm(x) = (W x - mean(x) sum(W)) / std(x), and the row's mean and deviation come
from the tiles of x that the product reads anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.nn.functional import pad

from dfmamba.engine.dfmamba import folding

NONE, RELU, GELU, SIGMOID = range(4)


@triton.jit
def _act(z, ACT: tl.constexpr):
    if ACT == 1:
        z = tl.maximum(z, 0.0)
    if ACT == 2:
        z = 0.5 * z * (1.0 + tl.erf(z * 0.7071067811865476))
    if ACT == 3:
        z = tl.sigmoid(z)
    return z


@triton.jit
def _layer(
    x, weight, bias, sums, residual, y,
    pixels, height, width, out_height, out_width, outputs, row_x, row_residual, row_y, eps,
    CHANNELS: tl.constexpr, TAPS: tl.constexpr, STRIDE: tl.constexpr, UP: tl.constexpr,
    NORM: tl.constexpr, ACT: tl.constexpr, RESIDUAL: tl.constexpr,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    m = tl.program_id(0) * BM + tl.arange(0, BM)
    n = tl.program_id(1) * BN + tl.arange(0, BN)
    phase = tl.program_id(2)
    picture = m // (out_height * out_width)
    row, column = (m // out_width) % out_height, m % out_width
    top = row * STRIDE - TAPS // 2
    left = column * STRIDE - TAPS // 2
    if UP == 2:
        top += phase // 2
        left += phase % 2
        row, column = 2 * row + phase // 2, 2 * column + phase % 2
    DEPTH: tl.constexpr = TAPS * TAPS * CHANNELS
    weight += phase * DEPTH * outputs
    pixel = (picture * out_height * UP + row) * out_width * UP + column
    here = (m < pixels)[:, None] & (n < outputs)[None, :]
    # What is added at the end is asked for now: it comes while the product runs.
    added = tl.load(bias + n, mask=n < outputs, other=0.0)[None, :] + tl.zeros((BM, BN), tl.float32)
    if RESIDUAL:
        beside = pixel.to(tl.int64)[:, None] * row_residual + n[None, :]
        added += tl.load(residual + beside, mask=here, other=0.0).to(tl.float32)
    total = tl.zeros((BM, BN), tl.float32)
    row_sum = tl.zeros((BM,), tl.float32)
    row_square = tl.zeros((BM,), tl.float32)
    start = x + ((picture * height + top) * width + left).to(tl.int64) * row_x
    for first in range(0, DEPTH, BK):
        k = first + tl.arange(0, BK)
        tap, c = k // CHANNELS, k % CHANNELS
        if CHANNELS % 16 == 0:
            tap = tl.max_constancy(tap, 16)
            c = tl.max_contiguous(tl.multiple_of(c, 16), 16)
        over, across = tap // TAPS, tap % TAPS
        inside = (m < pixels)[:, None] & (k < DEPTH)[None, :]
        if TAPS > 1:
            in_rows = (top[:, None] + over[None, :] >= 0) & (top[:, None] + over[None, :] < height)
            in_columns = left[:, None] + across[None, :]
            inside = inside & in_rows & (in_columns >= 0) & (in_columns < width)
        at = (over * width + across) * row_x + c
        seen = tl.load(start[:, None] + at[None, :], mask=inside, other=0.0)
        w_here = (k < DEPTH)[:, None] & (n < outputs)[None, :]
        w = tl.load(weight + k[:, None] * outputs + n[None, :], mask=w_here, other=0.0)
        total = tl.dot(seen.to(w.dtype), w, total, input_precision=PRECISION)
        if NORM:
            row_sum += tl.sum(seen.to(tl.float32), axis=1)
            row_square += tl.sum(seen.to(tl.float32) * seen.to(tl.float32), axis=1)
    if NORM:
        mean = row_sum / CHANNELS
        # Rounding must not take the variance below zero.
        scale = tl.rsqrt(tl.maximum(row_square / CHANNELS - mean * mean, 0.0) + eps)
        shift = mean[:, None] * tl.load(sums + n, mask=n < outputs, other=0.0)[None, :]
        total = (total - shift) * scale[:, None]
    if RESIDUAL:
        # A layer has either an activation or something added after it.
        total += added
    else:
        total = _act(total + added, ACT)
    tl.store(y + pixel.to(tl.int64)[:, None] * row_y + n[None, :], total, mask=here)


@dataclass(frozen=True)
class Layer:
    """One layer's numbers, ready for the kernel.

    weight (phases, taps * taps, C, N) in the type it runs in; bias (N,) float32; sums (N,) float32,
    the weight's sums over C, where a LayerNorm comes first. taps: 1, 2 or 3 to a side.
    """

    weight: Tensor
    bias: Tensor
    sums: Tensor | None = None
    taps: int = 1
    stride: int = 1
    act: int = NONE
    eps: float = 0.0

    def __call__(
        self,
        x: Tensor,
        residual: Tensor | None = None,
        out: Tensor | None = None,
        dtype: torch.dtype | None = None,
    ) -> Tensor:
        """Channels-last x (B, H, W, C or more) to (B, H', W', N), of x's type or `dtype`.

        Channels of x beyond the weight's are not read. `out` may be a slice of channels.
        """
        phases, taps, channels, outputs = self.weight.shape
        up = 2 if phases == 4 else 1
        batch, height, width, _ = x.shape
        rows, columns = -(-height // self.stride), -(-width // self.stride)
        if out is None:
            out = x.new_empty((batch, rows * up, columns * up, outputs), dtype=dtype or x.dtype)
        pixels = batch * rows * columns
        bm, bn, bk, warps, stages = tile(pixels, outputs, phases)
        bk = min(bk, max(16, triton.next_power_of_2(taps * channels)))
        _layer[(triton.cdiv(pixels, bm), triton.cdiv(outputs, bn), phases)](
            x, self.weight, self.bias, self.sums, residual, out,
            pixels, height, width, rows, columns, outputs,
            x.stride(2), 0 if residual is None else residual.stride(2), out.stride(2), self.eps,
            channels, self.taps, self.stride, up,
            self.sums is not None, self.act, residual is not None,
            bm, bn, bk, "tf32", num_warps=warps, num_stages=stages,
        )  # fmt: skip
        return out


def tile(pixels: int, outputs: int, phases: int) -> tuple[int, int, int, int, int]:
    """Rows, columns and depth of a program's tile, its warps and its pipeline's stages.

    The largest tile of which there are enough programs to fill the GPU.
    """
    choices = (
        (512, (128, 128, 64, 4, 3)),
        (256, (64, 64, 64, 4, 4)),
        (80, (16, 64, 64, 4, 4)),
        (80, (16, 32, 128, 4, 4)),
    )
    for least, choice in choices:
        if triton.cdiv(pixels, choice[0]) * triton.cdiv(outputs, choice[1]) * phases >= least:
            return choice
    return 16, 16, 128, 4, 4


def folded(
    conv: torch.nn.Conv2d,
    norm: torch.nn.BatchNorm2d | None,
    dtype: torch.dtype,
    act: int = NONE,
    parts: Sequence[int] = (),
) -> Layer:
    """A convolution with the BatchNorm after it, if any.

    parts: the input's channels where they lie in groups, each filled up to `padded` ones.
    """
    weight, bias = folding.folded(conv, norm)
    weight = weight.permute(2, 3, 1, 0)
    if parts:
        groups = [
            pad(part, (0, 0, 0, padded(part.shape[2]) - part.shape[2]))
            for part in torch.split(weight, list(parts), dim=2)
        ]
        weight = torch.cat(groups, dim=2)
    taps = conv.kernel_size[0]
    return Layer(
        weight.reshape(1, taps * taps, *weight.shape[2:]).to(dtype).contiguous(),
        bias.float().contiguous(),
        taps=taps,
        stride=conv.stride[0],
        act=act,
    )


def padded(channels: int) -> int:
    """Channels with zeros up to a multiple of 16, which wide loads want."""
    return channels + -channels % 16


def folded_up(
    conv: torch.nn.ConvTranspose2d, norm: torch.nn.BatchNorm2d, dtype: torch.dtype, act: int
) -> Layer:
    """A transposed convolution of 4 taps and stride 2 with the BatchNorm after it."""
    weight, bias = folding.folded(conv, norm)
    stacked = folding.phases(weight).to(dtype).contiguous()
    return Layer(stacked, bias.float().contiguous(), taps=2, act=act)


def linear(
    weight: Tensor,
    bias: Tensor | None,
    dtype: torch.dtype,
    norm: torch.nn.LayerNorm | None = None,
    act: int = NONE,
) -> Layer:
    """A linear layer, weight (N, C), with the LayerNorm before it, if any."""
    bias = weight.new_zeros(len(weight)) if bias is None else bias
    if norm is None:
        return Layer(weight.t().to(dtype).contiguous()[None, None], bias.float(), act=act)
    scaled = (weight * norm.weight).to(dtype)
    return Layer(
        scaled.t().contiguous()[None, None],
        (bias + weight @ norm.bias).float(),
        sums=scaled.float().sum(dim=1),
        act=act,
        eps=norm.eps,
    )
