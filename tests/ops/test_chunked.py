import pytest
import torch
from torch.nn import functional as F

from dfmamba.ops.dssm import chunked, reference


def inputs(length, batch=2, channels=5, state=4, dtype=torch.float64, pace=1.0):
    """Random arguments of `selective_scan`; dt is about `pace`."""
    make = torch.Generator().manual_seed(length)

    def normal(*shape):
        return torch.randn(*shape, generator=make, dtype=dtype)

    v, dt = normal(batch, length, channels), F.softplus(normal(batch, length, channels)) * pace
    A = -normal(channels, state).abs() * 4 - 0.1
    return v, dt, A, normal(batch, length, state), normal(batch, length, state)


@pytest.mark.parametrize("length", [1, 7, 15, 16, 17, 40, 64])
def test_output_and_gradients_match_the_reference(length):
    args = inputs(length)
    results = []
    for scan in (reference.selective_scan, chunked.selective_scan):
        leaves = [each.clone().requires_grad_() for each in args]
        y = scan(*leaves)
        (y * torch.arange(y.numel(), dtype=y.dtype).view_as(y).cos()).sum().backward()
        results.append([y.detach()] + [leaf.grad for leaf in leaves])
    for ours, expected in zip(results[1], results[0], strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("pace", [1e-6, 1e-2, 1e2, 1e6])
def test_float32_holds_from_still_to_sudden_steps(pace):
    args = inputs(100, dtype=torch.float32, pace=pace)
    expected = reference.selective_scan(*(each.double() for each in args))
    ours = chunked.selective_scan(*args)
    assert (ours - expected).norm() / expected.norm() < 1e-5


def test_changes_none_of_its_inputs():
    args = inputs(20)
    before = [each.clone() for each in args]
    chunked.selective_scan(*args)
    assert all(torch.equal(each, kept) for each, kept in zip(args, before, strict=True))


def test_exports_as_one_graph():
    class Scan(torch.nn.Module):
        def forward(self, *args):
            return chunked.selective_scan(*args)

    args = inputs(20)
    exported = torch.export.export(Scan(), args).module()
    torch.testing.assert_close(exported(*args), reference.selective_scan(*args))
