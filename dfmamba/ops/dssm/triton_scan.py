"""The scan on the GPU in Triton: softplus(dt), recurrence, C, D and the gate in one kernel.

One program, a single warp, walks the tokens of one picture for a block of channels, with the whole
state in registers: N values for each of BLOCK channels, a channel to a thread where BLOCK is 32.
The loop over tokens is unrolled, and fetches its next rows while it works on the present ones.

For the backward pass the forward one keeps every CHUNK-th state. A backward program walks chunks of
CHUNK tokens from the last to the first: it runs one forward once more, all its states in registers,
and then back. Sums over programs go through buffers of partial sums, so the gradients are
deterministic. All arithmetic is float32, whatever the inputs' type.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

CHUNK = 4
"""Tokens between two kept states, and unrolled in the backward kernel."""
WIDE, NARROW = (32, 4), (4, 8)
"""Channels in one program of the forward kernel, and tokens fetched ahead: WIDE for many pictures,
NARROW to spread few of them over the GPU, where nothing else hides the memory's latency."""
BACK = 32
"""Channels in one program of the backward kernel."""
MANY_PROGRAMS = 512
"""About one warp for each of a large GPU's schedulers."""
MOST_REGISTERS = 96
"""So that 21 programs fit a multiprocessor: a batch of 128 then runs in one wave."""
LOG2_E = tl.constexpr(1.4426950408889634)
LN_2 = tl.constexpr(0.6931471805599453)


@triton.jit
def softplus(x):
    """log(1 + exp(x)), exact to float32 also where the result is tiny: max(x, 0) + log1p(e^-|x|).

    log1p(e) = 2 atanh(s) with s = e / (2 + e) <= 1/3, whose series needs eight terms.
    """
    e = tl.exp(-tl.abs(x))
    s = e / (2.0 + e)
    q = s * s
    series = 1.0 / 13 + q * (1.0 / 15)
    series = 1.0 / 9 + q * (1.0 / 11 + q * series)
    series = 1.0 / 5 + q * (1.0 / 7 + q * series)
    series = 1.0 + q * (1.0 / 3 + q * series)
    return tl.maximum(x, 0.0) + 2.0 * s * series


@triton.jit
def _load(pointer, mask, other, FULL: tl.constexpr):
    """In float32; the mask counts only where FULL does not say that every element is there."""
    found = tl.load(pointer) if FULL else tl.load(pointer, mask=mask, other=other)
    return found.to(tl.float32)


@triton.jit
def _rows(
    v, x, dt, gate, t, length, channels, row_gate, d, inside, FULL: tl.constexpr
):  # fmt: skip
    """What token t of a picture brings to each channel: v, x, dt and gate, (BLOCK,) each."""
    at = t * channels + d
    here = inside & (t >= 0) & (t < length)
    # A missing token has step 0: the state stays as it is.
    return (
        _load(v + at, here, 0.0, FULL), _load(x + at, here, 0.0, FULL),
        _load(dt + at, here, -1e9, FULL), _load(gate + t * row_gate + d, here, 0.0, FULL),
    )  # fmt: skip


@triton.jit
def _b_and_c(B, C, t, length, row_b, row_c, n, FULL: tl.constexpr):
    """B and C of token t of a picture, (N,) each."""
    return (
        _load(B + t * row_b + n, t < length, 0.0, FULL),
        _load(C + t * row_c + n, t < length, 0.0, FULL),
    )


# How Triton spreads the state over the threads follows from how A lies in memory. Here each thread
# shall hold whole channels, so that sums over the states stay in it: A is (N, D), and Triton must
# not learn that D is a multiple of 16, or it would load four channels a thread.
@triton.jit(do_not_specialize=["channels"])
def _forward(
    v, x, dt, A, B, C, D, gate, y, states, length, channels, row_b, row_c, row_gate,
    N: tl.constexpr, BLOCK: tl.constexpr, AHEAD: tl.constexpr, CHUNK: tl.constexpr,
    SAVE: tl.constexpr, FULL: tl.constexpr, FEW: tl.constexpr,
):  # fmt: skip
    picture = tl.program_id(1).to(tl.int64)
    d = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    n = tl.arange(0, N)
    inside = d < channels
    a = _load(A + n[:, None] * channels + d[None, :], inside[None, :], 0.0, FULL) * LOG2_E
    skip = _load(D + d, inside, 0.0, FULL)
    state = tl.zeros((N, BLOCK), tl.float32)
    # Pointers to the picture, so that places in it fit into 32 bits.
    start = picture * length
    v, x, dt = v + start * channels, x + start * channels, dt + start * channels
    y, gate = y + start * channels, gate + start * row_gate
    B, C = B + start * row_b, C + start * row_c
    states += picture * tl.cdiv(length, CHUNK) * N * channels
    ahead, bc = (), ()
    for j in tl.static_range(AHEAD):
        ahead = ahead + (
            _rows(v, x, dt, gate, j, length, channels, row_gate, d, inside, FULL),
        )  # fmt: skip
        if FEW:
            bc = bc + (_b_and_c(B, C, j, length, row_b, row_c, n, FULL),)
    for first in range(0, length, AHEAD):
        now, now_bc = ahead, bc
        # The next tokens come from far memory while these are worked on; the last round fetches
        # its own once more. Where many programs share B and C these are near already, and their
        # registers are dear; where there are few, nothing else would hide the way to them.
        next = tl.where(first + AHEAD < length, first + AHEAD, first)
        ahead, bc = (), ()
        for j in tl.static_range(AHEAD):
            ahead = ahead + (
                _rows(v, x, dt, gate, next + j, length, channels, row_gate, d, inside, FULL),
            )  # fmt: skip
            if FEW:
                bc = bc + (_b_and_c(B, C, next + j, length, row_b, row_c, n, FULL),)
        for j in tl.static_range(AHEAD):
            t = first + j
            if SAVE:  # noqa: SIM102 (known when compiled, the other while it runs)
                if (t % CHUNK == 0) & (t < length):
                    place = (t // CHUNK * N + n[:, None]) * channels + d[None, :]
                    tl.store(states + place, state, mask=inside[None, :])
            value, own, raw, z = now[j]
            if FEW:
                b, c = now_bc[j]
            else:
                b, c = _b_and_c(B, C, t, length, row_b, row_c, n, FULL)
            step = softplus(raw)
            state = tl.exp2(step[None, :] * a) * state + (step * value)[None, :] * b[:, None]
            out = (tl.sum(state * c[:, None], axis=0) + skip * own) * z * tl.sigmoid(z)
            tl.store(y + t * channels + d, out, mask=inside & (t < length))


@triton.jit(do_not_specialize=["channels"])
def _backward(
    v, x, dt, A, B, C, D, gate, grad_y, states,
    grad_v, grad_x, grad_dt, grad_gate, grad_A, grad_B, grad_C, grad_D,
    length, channels, row_b, row_c, row_gate,
    N: tl.constexpr, BLOCK: tl.constexpr, CHUNK: tl.constexpr, FULL: tl.constexpr,
):  # fmt: skip
    picture = tl.program_id(1).to(tl.int64)
    block = tl.program_id(0)
    d = block * BLOCK + tl.arange(0, BLOCK)
    n = tl.arange(0, N)
    inside = d < channels
    a = _load(A + d[None, :] * N + n[:, None], inside[None, :], 0.0, FULL) * LOG2_E
    skip = _load(D + d, inside, 0.0, FULL)
    grad_state = tl.zeros((N, BLOCK), tl.float32)
    sum_a = tl.zeros((N, BLOCK), tl.float32)
    sum_d = tl.zeros((BLOCK,), tl.float32)
    start = picture * length
    v, x, dt = v + start * channels, x + start * channels, dt + start * channels
    grad_y += start * channels
    grad_v += start * channels
    grad_x += start * channels
    grad_dt += start * channels
    grad_gate += start * channels
    gate += start * row_gate
    B, C = B + start * row_b, C + start * row_c
    partial = (block.to(tl.int64) * tl.num_programs(1) + picture) * length * N
    grad_B += partial
    grad_C += partial
    chunks = tl.cdiv(length, CHUNK)
    states += picture * chunks * N * channels
    t = chunks * CHUNK - 1
    ahead = _rows(v, x, dt, gate, t, length, channels, row_gate, d, inside, FULL)
    ahead_gy = _load(grad_y + t * channels + d, inside & (t < length), 0.0, FULL)
    for back in range(chunks):
        chunk = chunks - 1 - back
        place = (chunk * N + n[:, None]) * channels + d[None, :]
        state = tl.load(states + place, mask=inside[None, :], other=0.0)
        kept = (state,)
        for j in tl.static_range(CHUNK):
            t = chunk * CHUNK + j
            here = inside & (t < length)
            raw = _load(dt + t * channels + d, here, -1e9, FULL)
            value = _load(v + t * channels + d, here, 0.0, FULL)
            b = _load(B + t * row_b + n, t < length, 0.0, FULL)
            step = softplus(raw)
            state = tl.exp2(step[None, :] * a) * state + (step * value)[None, :] * b[:, None]
            kept = kept + (state,)

        for i in tl.static_range(CHUNK):
            t = chunk * CHUNK + CHUNK - 1 - i
            value, own, raw, z = ahead
            gy = ahead_gy
            b, c = _b_and_c(B, C, t, length, row_b, row_c, n, FULL)
            # Fetched before this token's stores: no load passes a store that it might depend on.
            before = tl.maximum(t - 1, 0)
            ahead = _rows(v, x, dt, gate, before, length, channels, row_gate, d, inside, FULL)
            there = inside & (before < length)
            ahead_gy = _load(grad_y + before * channels + d, there, 0.0, FULL)
            here = inside & (t < length)
            at = t * channels + d
            step = softplus(raw)
            state = kept[CHUNK - i]

            # The gate and the skip.
            sigmoid = tl.sigmoid(z)
            ungated = tl.sum(state * c[:, None], axis=0) + skip * own
            slope = sigmoid * (1.0 + z * (1.0 - sigmoid))
            tl.store(grad_gate + at, gy * ungated * slope, mask=here)
            gy = gy * z * sigmoid
            tl.store(grad_x + at, gy * skip, mask=here)
            sum_d += gy * own

            # The recurrence.
            decay = tl.exp2(step[None, :] * a)
            grad_state += gy[None, :] * c[:, None]
            through_b = tl.sum(grad_state * b[:, None], axis=0)
            through_decay = grad_state * decay * kept[CHUNK - 1 - i]
            sum_a += through_decay * step[None, :]
            grad_step = through_b * value + tl.sum(through_decay * a, axis=0) * LN_2
            tl.store(grad_v + at, through_b * step, mask=here)
            tl.store(grad_dt + at, grad_step * tl.sigmoid(raw), mask=here)
            gb = tl.sum(grad_state * (step * value)[None, :], axis=1)
            gc = tl.sum(state * gy[None, :], axis=1)
            tl.store(grad_B + t * N + n, gb, mask=t < length)
            tl.store(grad_C + t * N + n, gc, mask=t < length)
            grad_state = grad_state * decay
    square = (picture * channels + d[None, :]) * N + n[:, None]
    tl.store(grad_A + square, sum_a, mask=inside[None, :])
    tl.store(grad_D + picture * channels + d, sum_d, mask=inside)


def rows(x: Tensor) -> Tensor:
    """Tokens (B, L, C) at even distances, 16 elements or a multiple: x itself or a copy.

    A slice of the channels of a wider tensor mostly is so already.
    """
    row = x.stride(1)
    even = x.stride(2) == 1 and (len(x) == 1 or x.stride(0) == row * x.shape[1])
    return x if even and row % 16 == 0 and x.data_ptr() % 16 == 0 else x.contiguous()


def run(
    v: Tensor, x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, gate: Tensor,
    save: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """As `reference.scan`, without gradients; with every CHUNK-th state if they are to be saved.

    Returns y and the states (batch, chunks, N, D), or none of them.
    """
    v, x, dt, D = v.contiguous(), x.contiguous(), dt.contiguous(), D.contiguous()
    B, C, gate = rows(B.float()), rows(C.float()), rows(gate)
    (batch, length, channels), N = x.shape, A.shape[1]
    y, states = torch.empty_like(x), _empty_states(x, N, save)
    many = batch * triton.cdiv(channels, WIDE[0]) >= MANY_PROGRAMS
    block, ahead = WIDE if many else NARROW
    full = length % ahead == 0 and channels % block == 0
    _forward[(triton.cdiv(channels, block), batch)](
        v, x, dt, A.t().contiguous(), B, C, D, gate, y, states, length, channels,
        B.stride(1), C.stride(1), gate.stride(1), N, block, ahead, CHUNK, save, full, not many,
        num_warps=1, maxnreg=MOST_REGISTERS if many else None,
    )  # fmt: skip
    return y, states


@torch.library.custom_op("dfmamba::scan", mutates_args=())
def scan_with_states(
    v: Tensor, x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, gate: Tensor,
    save: bool,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """`run` as an operator that torch knows."""
    return run(v, x, dt, A, B, C, D, gate, save)


@scan_with_states.register_fake
def _(v, x, dt, A, B, C, D, gate, save):
    return _like(x), _empty_states(x, A.shape[1], save)


def _like(x: Tensor) -> Tensor:
    return torch.empty_like(x, memory_format=torch.contiguous_format)


def _empty_states(x: Tensor, N: int, save: bool) -> Tensor:
    batch, length, channels = x.shape
    chunks = -(-length // CHUNK) if save else 0
    return x.new_empty((batch, chunks, N, channels), dtype=torch.float32)


@torch.library.custom_op("dfmamba::scan_backward", mutates_args=())
def scan_backward(
    v: Tensor, x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, gate: Tensor,
    states: Tensor, grad_y: Tensor,
) -> list[Tensor]:  # fmt: skip
    """The gradients of v, x, dt, A, B, C, D and the gate."""
    types = [each.dtype for each in (A, B, C, D)]
    v, x, dt, D = v.contiguous(), x.contiguous(), dt.contiguous(), D.contiguous()
    B, C, gate = rows(B.float()), rows(C.float()), rows(gate)
    (batch, length, channels), N = x.shape, A.shape[1]
    blocks = triton.cdiv(channels, BACK)
    full = length % CHUNK == 0 and channels % BACK == 0
    grads = [_like(each) for each in (v, x, dt, gate)]
    grad_A = x.new_empty((batch, channels, N), dtype=torch.float32)
    grad_D = x.new_empty((batch, channels), dtype=torch.float32)
    grad_B = x.new_empty((blocks, batch, length, N), dtype=torch.float32)
    grad_C = torch.empty_like(grad_B)
    _backward[(blocks, batch)](
        v, x, dt, A.contiguous(), B, C, D, gate, grad_y.contiguous(), states,
        *grads, grad_A, grad_B, grad_C, grad_D, length, channels,
        B.stride(1), C.stride(1), gate.stride(1), N, BACK, CHUNK, full, num_warps=1,
    )  # fmt: skip
    sums = grad_A.sum(0), grad_B.sum(0), grad_C.sum(0), grad_D.sum(0)
    typed = [each.to(dtype) for each, dtype in zip(sums, types, strict=True)]
    return [*grads[:3], *typed, grads[3]]


@scan_backward.register_fake
def _(v, x, dt, A, B, C, D, gate, states, grad_y):
    return [_like(each) for each in (v, x, dt, A, B, C, D, gate)]


def _keep(ctx, inputs, output):
    *tensors, _ = inputs
    ctx.save_for_backward(*tensors, output[1])


def _differentiate(ctx, grad_y, _):
    return *scan_backward(*ctx.saved_tensors, grad_y), None


scan_with_states.register_autograd(_differentiate, setup_context=_keep)


def scan(
    v: Tensor, x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, D: Tensor, gate: Tensor
) -> Tensor:
    """As `reference.scan`, in x's type; A is float32 and N a power of two.

    Raises:
        ValueError: N is not a power of two.
    """
    N = A.shape[1]
    if N & (N - 1):
        raise ValueError(f"the GPU scan needs a state size that is a power of two, not {N}")
    inputs = (v, x, dt, A, B, C, D, gate)
    save = torch.is_grad_enabled() and any(each.requires_grad for each in inputs)
    if save or torch.compiler.is_compiling():
        y: Tensor = scan_with_states(*inputs, save)[0]
        return y
    return run(*inputs)[0]  # as an operator it would take the processor longer than the GPU
