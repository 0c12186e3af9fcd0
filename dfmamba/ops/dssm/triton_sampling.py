"""Deformable sampling on the GPU in Triton, forward and backward (paper, Eq. 5).

Two ways to v. The matrix S of `sampling`: built here, then v = S x is a product on the tensor
cores. Gathers: `_corners` lists the 4 K tokens that each token reads and how much of each, and
`_gather` adds them up; nothing is rounded to fewer bits, so it is the way for full float32.

The gradients are matrix products in either case, dx = S^T dv and dS = dv x^T, so there is no
scatter, and they are deterministic. S splits into a row's part and a column's part for each
anchor, which is why the kernels work on (tokens, rows, columns) tiles.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

GATHERED_LENGTH = 128
"""From this many tokens on, gathers beat the product with S in full float32."""
CHANNELS = 256
"""Channels that one program gathers."""


@triton.jit
def _hat(z):
    """max(0, 1 - |z|): what a bilinear sample at distance z takes from a cell."""
    return tl.maximum(0.0, 1.0 - tl.abs(z))


@triton.jit
def _slope(z):
    """The hat's derivative; both its feet count as inside, as torch's clamp_min has it."""
    return tl.where(tl.abs(z) <= 1.0, tl.where(z > 0, -1.0, tl.where(z < 0, 1.0, 0.0)), 0.0)


@triton.jit
def _place(offsets, weights, anchors, row_offsets, row_weights, token, k, t, width, here):
    """Row, column and weight b of the k-th samples of the tokens with places t in their picture."""
    at = offsets + token * row_offsets + 2 * k
    row = t // width + tl.load(anchors + 2 * k) + tl.load(at, here, 0.0).to(tl.float32)
    column = t % width + tl.load(anchors + 2 * k + 1) + tl.load(at + 1, here, 0.0).to(tl.float32)
    b = tl.load(weights + token * row_weights + k, mask=here, other=0.0)
    return row, column, b.to(tl.float32)


@triton.jit
def _matrix(
    offsets, weights, anchors, S, row_offsets, row_weights, tokens, height, width,
    K: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr, TOKENS: tl.constexpr,
):  # fmt: skip
    token = (tl.program_id(0) * TOKENS + tl.arange(0, TOKENS)).to(tl.int64)
    here = token < tokens
    length = height * width
    t = (token % length).to(tl.int32)
    r, c = tl.arange(0, ROWS), tl.arange(0, COLUMNS)
    total = tl.zeros((TOKENS, ROWS, COLUMNS), tl.float32)
    for k in range(K):
        row, column, b = _place(
            offsets, weights, anchors, row_offsets, row_weights, token, k, t, width, here
        )
        by_row = _hat(row[:, None] - r[None, :]) * b[:, None]
        by_column = _hat(column[:, None] - c[None, :])
        total += by_row[:, :, None] * by_column[:, None, :]
    inside = here[:, None, None] & (r < height)[None, :, None] & (c < width)[None, None, :]
    cell = r[None, :, None] * width + c[None, None, :]
    tl.store(S + token[:, None, None] * length + cell, total, mask=inside)


@triton.jit
def _matrix_backward(
    offsets, weights, anchors, grad_S, grad_offsets, grad_weights,
    row_offsets, row_weights, tokens, height, width,
    K: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr, TOKENS: tl.constexpr,
):  # fmt: skip
    token = (tl.program_id(0) * TOKENS + tl.arange(0, TOKENS)).to(tl.int64)
    here = token < tokens
    length = height * width
    t = (token % length).to(tl.int32)
    r, c = tl.arange(0, ROWS), tl.arange(0, COLUMNS)
    inside = here[:, None, None] & (r < height)[None, :, None] & (c < width)[None, None, :]
    cell = r[None, :, None] * width + c[None, None, :]
    grad = tl.load(grad_S + token[:, None, None] * length + cell, mask=inside, other=0.0)
    grad = grad.to(tl.float32)
    for k in range(K):
        at = token * K + k
        row, column, b = _place(
            offsets, weights, anchors, row_offsets, row_weights, token, k, t, width, here
        )
        over, across = row[:, None] - r[None, :], column[:, None] - c[None, :]
        of_row = tl.sum(grad * _hat(across)[:, None, :], axis=2)
        of_row_by_column = tl.sum(grad * _slope(across)[:, None, :], axis=2)
        tl.store(grad_weights + at, tl.sum(of_row * _hat(over), axis=1), mask=here)
        grad_row = b * tl.sum(of_row * _slope(over), axis=1)
        grad_column = b * tl.sum(of_row_by_column * _hat(over), axis=1)
        tl.store(grad_offsets + 2 * at, grad_row, mask=here)
        tl.store(grad_offsets + 2 * at + 1, grad_column, mask=here)


@triton.jit
def _corners(
    offsets, weights, anchors, source, share, row_offsets, row_weights, samples, height, width,
    K: tl.constexpr, SAMPLES: tl.constexpr,
):  # fmt: skip
    at = (tl.program_id(0) * SAMPLES + tl.arange(0, SAMPLES)).to(tl.int64)
    here = at < samples
    t = ((at // K) % (height * width)).to(tl.int32)
    row, column, b = _place(
        offsets, weights, anchors, row_offsets, row_weights, at // K, at % K, t, width, here
    )
    corner = tl.arange(0, 4)
    r = tl.floor(row)[:, None] + (corner // 2)[None, :]
    c = tl.floor(column)[:, None] + (corner % 2)[None, :]
    part = _hat(row[:, None] - r) * _hat(column[:, None] - c) * b[:, None]
    inside = (r >= 0) & (r < height) & (c >= 0) & (c < width)
    place = 4 * at[:, None] + corner[None, :]
    # A corner outside the grid is token 0 with a share of 0.
    own = tl.where(inside, r * width + c, 0.0).to(tl.int32)
    tl.store(source + place, own, mask=here[:, None])
    tl.store(share + place, tl.where(inside, part, 0.0), mask=here[:, None])


@triton.jit
def _gather(
    x, source, share, v, length, channels, CORNERS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    blocks = tl.cdiv(channels, BLOCK)  # in one axis of the grid: others end at 65,535
    token = (tl.program_id(0) // blocks).to(tl.int64)
    d = tl.program_id(0) % blocks * BLOCK + tl.arange(0, BLOCK)
    inside = d < channels
    picture = x + token // length * length * channels
    total = tl.zeros((BLOCK,), tl.float32)
    for corner in tl.static_range(CORNERS):
        at = tl.load(source + token * CORNERS + corner)
        part = tl.load(share + token * CORNERS + corner)
        total += part * tl.load(picture + at * channels + d, mask=inside, other=0.0).to(tl.float32)
    tl.store(v + token * channels + d, total, mask=inside)


def _tile(height: int, width: int) -> tuple[int, int, int]:
    """Rows, columns and tokens of one warp's tile, 512 cells of S."""
    rows, columns = triton.next_power_of_2(height), triton.next_power_of_2(width)
    return rows, columns, max(1, 512 // (rows * columns))


def sampling_matrix(
    offsets: Tensor, weights: Tensor, anchors: Tensor, height: int, width: int, dtype: torch.dtype
) -> Tensor:
    """S (batch, L, L) of `dtype`, without gradients; arguments as in `reference.sample`.

    Offsets and weights may be slices of a wider tensor, tokens at even distances.
    """
    batch, length, K = weights.shape
    S = offsets.new_empty((batch, length, length), dtype=dtype)
    rows, columns, tokens = _tile(height, width)
    _matrix[(triton.cdiv(batch * length, tokens),)](
        offsets, weights, anchors, S, offsets.stride(1), weights.stride(1),
        batch * length, height, width,
        K, rows, columns, tokens, num_warps=1,
    )  # fmt: skip
    return S


def gather(
    x: Tensor, offsets: Tensor, weights: Tensor, anchors: Tensor, height: int, width: int
) -> Tensor:
    """The samples v by gathers, without gradients; arguments as in `reference.sample`."""
    (batch, length, channels), K = x.shape, weights.shape[-1]
    source = torch.empty((batch, length, 4 * K), dtype=torch.int32, device=x.device)
    share = torch.empty((batch, length, 4 * K), dtype=torch.float32, device=x.device)
    samples = batch * length * K
    _corners[(triton.cdiv(samples, 128),)](
        offsets, weights, anchors, source, share, offsets.stride(1), weights.stride(1),
        samples, height, width, K, 128,
    )  # fmt: skip
    v = torch.empty_like(x)
    _gather[(triton.cdiv(channels, CHANNELS) * batch * length,)](
        x, source, share, v, length, channels, 4 * K, CHANNELS, num_warps=1
    )
    return v


def run(
    x: Tensor, offsets: Tensor, weights: Tensor, anchors: Tensor, height: int, width: int
) -> Tensor:
    """The samples v as `reference.sample`, in x's type, by the faster way; without gradients."""
    x, offsets, weights = x.contiguous(), offsets.contiguous(), weights.contiguous()
    exact = x.dtype == torch.float32 and not torch.backends.cuda.matmul.allow_tf32
    if exact and height * width >= GATHERED_LENGTH:
        return gather(x, offsets, weights, anchors, height, width)
    S = sampling_matrix(offsets, weights, anchors, height, width, x.dtype)
    return (S @ x).to(x.dtype)  # autocast may have chosen another type


@torch.library.custom_op("dfmamba::sample", mutates_args=())
def sample_operator(
    x: Tensor, offsets: Tensor, weights: Tensor, anchors: Tensor, height: int, width: int
) -> Tensor:
    """`run` as an operator that torch knows."""
    return run(x, offsets, weights, anchors, height, width)


@sample_operator.register_fake
def _(x, offsets, weights, anchors, height, width):
    return x.new_empty(x.shape)


@torch.library.custom_op("dfmamba::sample_backward", mutates_args=())
def sample_backward(
    x: Tensor, offsets: Tensor, weights: Tensor, anchors: Tensor, height: int, width: int,
    grad_v: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """The gradients of x, the offsets and the weights."""
    offsets, weights = offsets.contiguous(), weights.contiguous()
    S = sampling_matrix(offsets, weights, anchors, height, width, x.dtype)
    grad_x = S.transpose(1, 2) @ grad_v
    grad_S = grad_v @ x.transpose(1, 2)
    grads = torch.empty_like(offsets), torch.empty_like(weights)
    rows, columns, tokens = _tile(height, width)
    count = weights.shape[0] * weights.shape[1]
    _matrix_backward[(triton.cdiv(count, tokens),)](
        offsets, weights, anchors, grad_S, *grads,
        offsets.stride(1), weights.stride(1), count, height, width,
        weights.shape[-1], rows, columns, tokens, num_warps=1,
    )  # fmt: skip
    return grad_x, *grads


@sample_backward.register_fake
def _(x, offsets, weights, anchors, height, width, grad_v):
    return tuple(each.new_empty(each.shape) for each in (x, offsets, weights))


def _keep(ctx, inputs, output):
    *tensors, ctx.height, ctx.width = inputs
    ctx.save_for_backward(*tensors)


def _differentiate(ctx, grad_v):
    grads = sample_backward(*ctx.saved_tensors, ctx.height, ctx.width, grad_v)
    return *grads, None, None, None


sample_operator.register_autograd(_differentiate, setup_context=_keep)


def sample(
    x: Tensor, offsets: Tensor, weights: Tensor, anchors: Tensor, height: int, width: int
) -> Tensor:
    """As `reference.sample`, in x's type; offsets and weights are float32."""
    inputs = (x, offsets, weights, anchors, height, width)
    learning = torch.is_grad_enabled() and any(each.requires_grad for each in inputs[:3])
    if learning or torch.compiler.is_compiling():
        v: Tensor = sample_operator(*inputs)
        return v
    return run(*inputs)
