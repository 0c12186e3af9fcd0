import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dfmamba.ops.dssm import anchor_grid, dssm, reference, sampling_matrix

BATCH, CHANNELS, STATE = 2, 5, 4


def inputs(height, width, count, seed=0, dtype=torch.float64, channels=CHANNELS):
    """Random arguments of `dssm`, in its order; the sampled places lie off the cells' centres."""
    make = torch.Generator().manual_seed(seed)
    length = height * width

    def normal(*shape):
        return torch.randn(*shape, generator=make, dtype=dtype)

    return {
        "x": normal(BATCH, length, channels),
        "dt": normal(BATCH, length, channels) - 1,
        "A": -torch.rand(channels, STATE, generator=make, dtype=dtype) * 4 - 0.1,
        "B": normal(BATCH, length, STATE),
        "C": normal(BATCH, length, STATE),
        "D": normal(channels),
        "gate": normal(BATCH, length, channels),
        "offsets": normal(BATCH, length, count, 2) * 1.5,
        "weights": normal(BATCH, length, count),
        "anchors": anchor_grid(count).to(dtype),
        "height": height,
        "width": width,
    }


def mamba_float64(x, dt, A, B, C, D, gate):
    """The gated selective scan number by number in numpy, independent of the project."""
    x, dt, A, B, C, D, gate = (np.asarray(each, np.float64) for each in (x, dt, A, B, C, D, gate))
    dt = np.log1p(np.exp(dt))
    y = np.zeros_like(x)
    for picture in range(x.shape[0]):
        for channel in range(x.shape[2]):
            h = np.zeros(A.shape[1])
            for t in range(x.shape[1]):
                step = dt[picture, t, channel]
                h = np.exp(step * A[channel]) * h + step * B[picture, t] * x[picture, t, channel]
                y[picture, t, channel] = C[picture, t] @ h + D[channel] * x[picture, t, channel]
    return y * gate / (1 + np.exp(-gate))


@pytest.mark.parametrize("operator", [dssm, reference.dssm])
def test_one_anchor_without_offset_is_mambas_scan(operator):
    args = inputs(3, 4, 1)
    args["offsets"] = torch.zeros_like(args["offsets"])
    args["weights"] = torch.ones_like(args["weights"])
    expected = mamba_float64(*(args[name] for name in ("x", "dt", "A", "B", "C", "D", "gate")))
    np.testing.assert_allclose(operator(**args), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("count", [1, 9, 25])
@pytest.mark.parametrize(("height", "width"), [(4, 4), (3, 5), (1, 1)])
def test_output_and_gradients_match_the_reference(count, height, width):
    args = inputs(height, width, count)
    names = [name for name in args if name not in ("anchors", "height", "width")]
    results = []
    for operator in (reference.dssm, dssm):
        leaves = {name: args[name].clone().requires_grad_() for name in names}
        y = operator(**{**args, **leaves})
        weight = torch.arange(y.numel(), dtype=y.dtype).view_as(y).cos()
        (y * weight).sum().backward()
        results.append([y.detach()] + [leaves[name].grad for name in names])
    for ours, expected in zip(results[1], results[0], strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-9, atol=1e-9)


def test_whole_offsets_move_the_picture():
    height, width = 4, 5
    args = inputs(height, width, 1)
    offsets = torch.zeros_like(args["offsets"])
    offsets[..., 1] = 1  # every token reads its right neighbour
    weights = torch.ones_like(args["weights"])
    matrix = sampling_matrix(offsets, weights, args["anchors"], height, width)
    picture = args["x"].view(BATCH, height, width, CHANNELS)
    expected = torch.zeros_like(picture)
    expected[:, :, :-1] = picture[:, :, 1:]
    torch.testing.assert_close((matrix @ args["x"]).view_as(picture), expected)


@given(
    row=st.floats(-3, 6), column=st.floats(-3, 6), weight=st.floats(-2, 2), seed=st.integers(0, 99)
)
@settings(max_examples=30)
def test_sampling_is_bilinear_and_zero_outside(row, column, weight, seed):
    height, width = 4, 3
    make = torch.Generator().manual_seed(seed)
    x = torch.randn(1, height * width, 2, generator=make, dtype=torch.float64)
    offsets = torch.zeros(1, height * width, 1, 2, dtype=torch.float64)
    offsets[0, 0, 0] = torch.tensor([row, column], dtype=torch.float64)
    weights = torch.full((1, height * width, 1), weight, dtype=torch.float64)
    matrix = sampling_matrix(offsets, weights, anchor_grid(1).double(), height, width)
    expected = torch.zeros(2, dtype=torch.float64)
    for r in range(height):
        for c in range(width):
            share = max(0.0, 1 - abs(row - r)) * max(0.0, 1 - abs(column - c))
            expected += weight * share * x[0, r * width + c]
    torch.testing.assert_close((matrix @ x)[0, 0], expected)


@pytest.mark.parametrize("count", [2, 4, 16])
def test_anchors_must_be_an_odd_square(count):
    with pytest.raises(ValueError, match="anchors"):
        anchor_grid(count)
