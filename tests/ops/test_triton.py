"""The kernels against the plain definitions: outputs and every gradient.

On the CPU they run in Triton's interpreter, at small sizes; on a GPU at full size.
"""

import pytest
import torch

from dfmamba.ops.conv import reference as conv_reference
from dfmamba.ops.dssm import anchor_grid, reference, sampling_matrix

pytest.importorskip("triton")
from dfmamba.ops.conv import triton_conv
from dfmamba.ops.dssm import triton_sampling, triton_scan

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
FULL_SIZES = [(256, 640, 9), (64, 1280, 9), (100, 70, 1), (144, 96, 25), (1024, 64, 9)]
TYPES = [(torch.float32, 1e-5), (torch.bfloat16, 1e-2)]

# Triton's interpreter warns about numpy's own changes.
pytestmark = pytest.mark.filterwarnings("ignore")


def random(seed, **shapes):
    make = torch.Generator().manual_seed(seed)
    return {name: torch.randn(*shape, generator=make) for name, shape in shapes.items()}


def scan_inputs(batch, length, channels, state, dtype=torch.float32):
    rows = (batch, length, channels)
    args = random(length, v=rows, x=rows, dt=rows, A=(channels, state), B=(batch, length, state),
                  C=(batch, length, state), D=(channels,), gate=rows)  # fmt: skip
    args["dt"] = args["dt"] - 3
    args["A"] = -args["A"].abs() * 4
    full = ("A", "D")
    return {k: (v if k in full else v.to(dtype)).to(DEVICE) for k, v in args.items()}


def sampling_inputs(batch, height, width, channels, count, dtype=torch.float32):
    length = height * width
    args = random(length, x=(batch, length, channels), offsets=(batch, length, count, 2),
                  weights=(batch, length, count))  # fmt: skip
    # Off the kinks of the bilinear weights, where float32 and float64 may fall on either side.
    args["offsets"] = (args["offsets"] * 64).round() / 64 + 1 / 128
    args = {name: value.to(DEVICE) for name, value in args.items()}
    return {**args, "x": args["x"].to(dtype)}


def compare(kernel, definition, args, tolerance):
    """The kernel against the definition in float64: relative errors of output and gradients."""
    results = []
    for function, double in ((definition, True), (kernel, False)):
        leaves = {
            k: (v.double() if double else v.clone()).requires_grad_() for k, v in args.items()
        }
        y = function(**leaves)
        weight = torch.arange(y.numel(), device=y.device).view_as(y).cos().to(y.dtype)
        (y * weight).sum().backward()
        results.append({"y": y.detach(), **{k: v.grad for k, v in leaves.items()}})
    for name, expected in results[0].items():
        error = (results[1][name].double() - expected).norm() / expected.norm().clamp_min(1e-9)
        assert error < tolerance, f"{name}: relative error {error:.2e}"


def both_ways(kernel, definition, count, height, width):
    anchors = anchor_grid(count).to(DEVICE)
    grid = {"anchors": anchors, "height": height, "width": width}
    exact = {**grid, "anchors": anchors.double()}
    return lambda **args: kernel(**args, **grid), lambda **args: definition(**args, **exact)


def by_matrix(x, offsets, weights, anchors, height, width):
    return sampling_matrix(offsets, weights, anchors, height, width) @ x


@pytest.fixture(params=["few programs", "many programs"])
def crowd(request, monkeypatch):
    """The scan lays its work out otherwise where there are many pictures."""
    least = 0 if request.param == "many programs" else 10**9
    monkeypatch.setattr(triton_scan, "MANY_PROGRAMS", least)


@pytest.mark.parametrize(("length", "channels"), [(5, 35), (8, 32), (16, 8)])
def test_scan_small(length, channels, crowd):
    compare(triton_scan.scan, reference.scan, scan_inputs(2, length, channels, 4), 1e-5)


@pytest.mark.parametrize("count", [1, 9, 25])
def test_sampling_small(count):
    pair = both_ways(triton_sampling.sample, reference.sample, count, 3, 5)
    compare(*pair, sampling_inputs(2, 3, 5, 7, count), 1e-5)


@pytest.mark.parametrize("count", [1, 9])
def test_gathers_and_the_matrix_sample_alike(count):
    args = sampling_inputs(2, 3, 5, 7, count)
    grid = (anchor_grid(count).to(DEVICE), 3, 5)
    matrix = triton_sampling.sampling_matrix(args["offsets"], args["weights"], *grid, torch.float32)
    gathered = triton_sampling.gather(**args, anchors=grid[0], height=3, width=5)
    torch.testing.assert_close(gathered, matrix @ args["x"], rtol=1e-4, atol=1e-5)


def test_gradients_where_every_offset_is_zero():
    args = sampling_inputs(2, 3, 4, 7, 9)
    args["offsets"].zero_()
    compare(*both_ways(triton_sampling.sample, by_matrix, 9, 3, 4), args, 1e-5)


def test_softplus_is_exact_for_tiny_steps():
    args = scan_inputs(1, 4, 8, 4)
    args["dt"] = torch.full_like(args["dt"], -15.0)
    compare(triton_scan.scan, reference.scan, args, 1e-5)


def test_conv_small():
    args = random(0, x=(3, 5, 40), weight=(20, 1, 3), bias=(20,))
    args = {name: value.to(DEVICE) for name, value in args.items()}

    def of_a_slice(function):
        return lambda x, weight, bias: function(x[..., :20], weight, bias)

    pair = of_a_slice(triton_conv.conv_silu), of_a_slice(conv_reference.conv_silu)
    compare(*pair, args, 1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_torch_knows_the_operators(dtype):
    """What torch is told of types and strides holds: compiled code trusts it blindly."""
    scan = scan_inputs(1, 8, 8, 4, dtype)
    check = torch.library.opcheck
    check(triton_scan.scan_with_states, (*scan.values(), True))
    y, states = triton_scan.run(**scan, save=True)
    check(triton_scan.scan_backward, (*scan.values(), states, y))
    scan["dt"] = scan["dt"].float()  # as autocast may leave it
    check(triton_scan.scan_backward, (*scan.values(), states, y))
    sampling = sampling_inputs(1, 2, 2, 8, 1, dtype)
    args = (*sampling.values(), anchor_grid(1).to(DEVICE), 2, 2)
    check(triton_sampling.sample_operator, args)
    check(triton_sampling.sample_backward, (*args, sampling["x"]))
    conv = random(0, x=(1, 4, 8), weight=(8, 1, 3), bias=(8,))
    conv = [each.to(DEVICE, dtype) for each in conv.values()]
    check(triton_conv.conv_operator, conv)
    check(triton_conv.conv_silu_backward, (*conv, conv[0]))


def test_the_state_must_be_a_power_of_two():
    with pytest.raises(ValueError, match="power of two"):
        triton_scan.scan(**scan_inputs(1, 4, 8, 3))


@pytest.mark.gpu
@pytest.mark.parametrize(("dtype", "tolerance"), TYPES)
@pytest.mark.parametrize(("length", "channels", "count"), FULL_SIZES)
def test_scan_at_full_size(length, channels, count, dtype, tolerance, crowd):
    args = scan_inputs(4, length, channels, 16, dtype)
    compare(triton_scan.scan, reference.scan, args, tolerance)


@pytest.mark.gpu
@pytest.mark.parametrize(("dtype", "tolerance"), TYPES)
@pytest.mark.parametrize(("length", "channels", "count"), FULL_SIZES)
def test_sampling_at_full_size(length, channels, count, dtype, tolerance):
    side = round(length**0.5)
    args = sampling_inputs(4, side, side, channels, count, dtype)
    compare(*both_ways(triton_sampling.sample, by_matrix, count, side, side), args, tolerance)


@pytest.mark.gpu
@pytest.mark.parametrize(("dtype", "tolerance"), TYPES)
def test_conv_at_full_size(dtype, tolerance):
    args = random(0, x=(4, 100, 650), weight=(650, 1, 3), bias=(650,))
    args = {name: value.to(DEVICE, dtype) for name, value in args.items()}
    compare(triton_conv.conv_silu, conv_reference.conv_silu, args, tolerance)


@pytest.mark.gpu
def test_gradients_are_deterministic():
    args = scan_inputs(8, 64, 640, 16)
    sampling = sampling_inputs(8, 8, 8, 640, 9)
    anchors = anchor_grid(9).to(DEVICE)
    grads = []
    for _ in range(2):
        leaves = {k: v.clone().requires_grad_() for k, v in (args | sampling).items()}
        places = (leaves.pop("offsets"), leaves.pop("weights"))
        v = triton_sampling.sample(leaves["x"], *places, anchors, 8, 8)
        triton_scan.scan(**{**leaves, "v": v}).square().sum().backward()
        grads.append([each.grad for each in (*places, *leaves.values()) if each.grad is not None])
    assert len(grads[0]) == 9
    for first, second in zip(*grads, strict=True):
        assert torch.equal(first, second)


@pytest.mark.gpu
def test_a_layer_compiles_into_one_graph():
    from dfmamba.model import DFMambaConfig
    from dfmamba.model.backbones.dfmamba.blocks import GatedBlock

    torch.manual_seed(0)
    block = GatedBlock(64, 128, DFMambaConfig(), scan=True).to(DEVICE)
    x = torch.randn(2, 64, 64, device=DEVICE)
    expected = block(x, 8, 8)
    compiled = torch.compile(block, fullgraph=True)(x, 8, 8)
    torch.testing.assert_close(compiled, expected, rtol=1e-4, atol=1e-4)
