"""`python -m dfmamba bench ops`: the kernels beside what the machine could do at best."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from dfmamba.bench.clock import median_seconds
from dfmamba.bench.modes import MODES, ModeName, precision
from dfmamba.bench.report import Report, setting
from dfmamba.device import open_device
from dfmamba.errors import UserError, check_above_zero
from dfmamba.ops.conv import reference as conv_reference
from dfmamba.ops.dssm import anchor_grid, chunked, reference

STATE, CONV = 16, 3
MEASURED, FLOOR, RATIO, TORCH, COMPILED = (
    "measured us", "floor us", "times the floor", "plain torch us", "torch.compile us",
)  # fmt: skip
COPY_BYTES = 2**31
EXPS_A_CLOCK = 16
"""Exponentials that a multiprocessor of this generation starts each clock."""


@dataclass(frozen=True)
class Machine:
    """What a kernel cannot beat: bytes moved a second, measured, and exponentials a second."""

    bytes_s: float
    exps_s: float

    def floor(self, moved: float, exps: float = 0.0) -> float:
        """The least time, s, of a kernel that moves bytes and takes exponentials."""
        return max(moved / self.bytes_s, exps / self.exps_s)


@dataclass(frozen=True)
class Kernel:
    """One row: the kernel, what it does at least, and the same in plain torch, if that is fair.

    compiled: plain torch under torch.compile.
    """

    work: Callable[[], object]
    moved: float
    exps: float = 0.0
    plain: Callable[[], object] | None = None
    compiled: Callable[[], object] | None = None


def ops(
    batch: int = 128,
    length: int = 256,
    channels: int = 640,
    anchors: int = 9,
    mode: ModeName = "fp32",
    seconds: float = 1.0,
    out: Path = Path("runs/bench"),
) -> Report:
    """Time the deformable scan's kernels, forward and backward, on an NVIDIA GPU.

    The floor is the larger of two times: the bytes that must be read and written, at the speed of
    a large copy measured here, and the exponentials, at the rate of the chip's special units.
    Floors count each input once, so that gathers that read a token many times have no excuse.

    Under torch.compile plain torch scans a chunk of tokens at a time: a loop over all of them is
    unrolled, and does not compile within minutes.

    Args:
        batch: pictures.
        length: tokens of a picture, a square number.
        channels: channels of each token.
        anchors: K: 1, 9 or 25.
        mode: fp32, tf32 or bf16.
        seconds: how long to measure each figure.
        out: the folder for ops-MODE-BATCHxLENGTHxCHANNELS.json.
    """
    check_above_zero(batch=batch, length=length, channels=channels, seconds=seconds)
    device = open_device("auto")
    if device.type != "cuda":
        raise UserError("bench ops times the GPU's kernels, and there is no NVIDIA GPU here")
    report = Report(
        out / f"ops-{mode}-{batch}x{length}x{channels}.json",
        f"Deformable scan, {mode}: batch {batch}, L {length}, d {channels}, N {STATE}, K {anchors}",
        (MEASURED, FLOOR, RATIO, TORCH, COMPILED),
        setting(device, anchors=anchors),
    )
    with precision(MODES[mode]):
        machine = _machine(device)
        for name, kernel in _kernels(batch, length, channels, anchors, mode, device).items():
            measured = median_seconds(kernel.work, device, seconds)
            floor = machine.floor(kernel.moved, kernel.exps)
            report.put(name, MEASURED, 1e6 * measured)
            report.put(name, FLOOR, 1e6 * floor)
            report.put(name, RATIO, measured / floor)
            for column, peer in ((TORCH, kernel.plain), (COMPILED, kernel.compiled)):
                if peer is not None:
                    report.put(name, column, 1e6 * median_seconds(peer, device, seconds))
    report.show()
    return report


def _machine(device: torch.device) -> Machine:
    source = torch.empty(COPY_BYTES, dtype=torch.uint8, device=device).random_()
    target = torch.empty_like(source)
    copy = median_seconds(lambda: target.copy_(source), device, 0.5)
    chip = torch.cuda.get_device_properties(device)
    exps_s = EXPS_A_CLOCK * chip.multi_processor_count * 1e3 * chip.clock_rate
    return Machine(2 * COPY_BYTES / copy, exps_s)


def _inputs(
    batch: int, length: int, channels: int, anchors: int, mode: ModeName, device: torch.device
) -> dict[str, Tensor]:
    make = torch.Generator(device).manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=make, device=device)

    dtype, row = MODES[mode].dtype, (batch, length, channels)
    rows = {name: normal(*row).to(dtype) for name in ("v", "x", "dt", "gate")}
    return {
        **rows,
        "dt": rows["dt"] - 4,
        "A": -torch.arange(1, STATE + 1, device=device).float().repeat(channels, 1),
        "B": normal(batch, length, STATE),
        "C": normal(batch, length, STATE),
        "D": normal(channels),
        "offsets": normal(batch, length, anchors, 2),
        "weights": normal(batch, length, anchors),
    }


def _kernels(
    batch: int, length: int, channels: int, anchors: int, mode: ModeName, device: torch.device
) -> dict[str, Kernel]:
    from dfmamba.ops.conv import triton_conv
    from dfmamba.ops.dssm import triton_sampling, triton_scan

    given = _inputs(batch, length, channels, anchors, mode, device)
    names = ("v", "x", "dt", "A", "B", "C", "D", "gate")
    scan = {name: given[name] for name in names}
    x, offsets, weights = given["x"], given["offsets"], given["weights"]
    side = isqrt(length)
    grid = (anchor_grid(anchors).to(device), side, side)
    grad = torch.randn_like(x)
    states = triton_scan.run(**scan, save=True)[1]
    S = triton_sampling.sampling_matrix(offsets, weights, *grid, x.dtype)
    conv = torch.ones(channels, 1, CONV, device=device), torch.zeros(channels, device=device)

    def forward() -> Tensor:
        v = triton_sampling.run(x, offsets, weights, *grid)
        return triton_scan.run(**{**scan, "v": v}, save=False)[0]

    def plain() -> Tensor:
        v = reference.sample(x, offsets, weights, *grid)
        return reference.scan(**{**scan, "v": v})

    compiled_conv = torch.compile(conv_reference.conv_silu)
    row = batch * length * channels * x.element_size()
    exps = batch * length * channels * STATE
    small = 4 * batch * length * (2 * STATE + 3 * anchors)
    square = batch * length * length * x.element_size()
    return {
        "sampling and scan": Kernel(forward, 4 * row + small, exps, plain, _compiled(given, grid)),
        "scan": Kernel(lambda: triton_scan.run(**scan, save=False), 5 * row + small, exps),
        "scan that keeps its states": Kernel(
            lambda: triton_scan.run(**scan, save=True), 5 * row + small + states.nbytes, exps
        ),
        "scan backward": Kernel(
            lambda: triton_scan.scan_backward(**scan, states=states, grad_y=grad),
            9 * row + 2 * small + states.nbytes,
            2 * exps,
        ),
        "sampling by gathers": Kernel(
            lambda: triton_sampling.gather(x, offsets, weights, *grid), 2 * row + small
        ),
        "sampling matrix S": Kernel(
            lambda: triton_sampling.sampling_matrix(offsets, weights, *grid, x.dtype),
            square + small,
        ),
        "v = S x": Kernel(lambda: S @ x, 2 * row + square),
        "sampling backward": Kernel(
            lambda: triton_sampling.sample_backward(x, offsets, weights, *grid, grad),
            3 * row + 2 * small,
        ),
        "token convolution": Kernel(
            lambda: triton_conv.run(x, *conv),
            2 * row,
            plain=lambda: conv_reference.conv_silu(x, *conv),
            compiled=lambda: compiled_conv(x, *conv),
        ),
        "token convolution backward": Kernel(
            lambda: triton_conv.conv_silu_backward(x, *conv, grad), 3 * row
        ),
    }


def _compiled(given: dict[str, Tensor], grid: tuple[Tensor, int, int]) -> Callable[[], Tensor]:
    """Sampling and scan in plain torch under torch.compile, a chunk of tokens at a time."""
    sample = torch.compile(reference.sample)
    scan_chunk = torch.compile(chunked.scan_chunk)
    skip_and_gate = torch.compile(reference.skip_and_gate)

    def layer() -> Tensor:
        v = sample(given["x"], given["offsets"], given["weights"], *grid)
        dt = functional.softplus(given["dt"])
        y = chunked.selective_scan(v, dt, given["A"], given["B"], given["C"], scan_chunk)
        done: Tensor = skip_and_gate(y, given["x"], given["D"], given["gate"])
        return done

    return layer
