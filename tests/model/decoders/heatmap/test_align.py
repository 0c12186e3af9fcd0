import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.metrics import procrustes_aligned, procrustes_error
from dfmamba.model.decoders.heatmap.align import aligned as aligned_by

EVEN = torch.ones(1, 21)


def aligned(found, true):
    return aligned_by(found, true, EVEN)


def hands(count, seed):
    make = torch.Generator().manual_seed(seed)
    true = torch.randn(count, 21, 3, generator=make)
    return true + 0.5 * torch.randn(count, 21, 3, generator=make), true


@given(seed=st.integers(0, 10**6), noise=st.sampled_from([0.1, 1.0, 3.0]))
def test_as_by_singular_values(seed, noise):
    found, true = hands(4, seed)
    found = true + noise * (found - true)
    turn, _ = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(seed)))
    found = 2.5 * found @ (turn * torch.linalg.det(turn)) + 7
    best = procrustes_aligned(found.numpy(), true.numpy())
    # Where two turns fit nearly as well, which one is taken matters little.
    error = (aligned(found, true).double() - true).square().sum((1, 2)).numpy()
    least = np.square(best - true.numpy()).sum((1, 2))
    assert error == pytest.approx(least, rel=1e-3, abs=1e-3)


def test_a_mirrored_hand_is_not_turned_inside_out():
    _, true = hands(1, 3)
    mirrored = true * torch.tensor([-1.0, 1.0, 1.0])
    error = (aligned(mirrored, true) - true).norm(dim=-1).mean()
    assert error == pytest.approx(procrustes_error(mirrored.numpy(), true.numpy()).mean(), rel=1e-3)
    assert error > 0.1


def test_the_gradient_is_that_of_the_squared_error_at_the_best_fit():
    found, true = (each.double() for each in hands(1, 5))
    found.requires_grad_()
    (aligned(found, true) - true).square().sum().backward()

    def error(joints):
        best = procrustes_aligned(joints.numpy(), true.numpy())
        return np.square(best - true.numpy()).sum()

    for joint, axis in ((0, 0), (7, 1), (20, 2)):
        step = torch.zeros_like(true)
        step[0, joint, axis] = 1e-5
        slope = (error(found.detach() + step) - error(found.detach() - step)) / 2e-5
        assert found.grad[0, joint, axis].item() == pytest.approx(slope, rel=1e-3, abs=1e-4)


def test_hands_without_size_stay_finite():
    found = torch.zeros(2, 21, 3, requires_grad=True)
    aligned(found, torch.zeros(2, 21, 3)).sum().backward()
    assert found.grad.isfinite().all()


@given(seed=st.integers(0, 100), scale=st.sampled_from([0.1, 1.0]))
def test_joints_without_weight_do_not_count(seed, scale):
    found, true = hands(2, seed)
    weight = torch.zeros(2, 21)
    weight[:, :12] = scale
    fitted = aligned_by(found, true, weight)
    torch.testing.assert_close(
        fitted[:, :12], aligned_by(found[:, :12], true[:, :12], EVEN[:, :12])
    )
    elsewhere = torch.cat([true[:, :12], torch.randn(2, 9, 3)], 1)
    torch.testing.assert_close(aligned_by(found, elsewhere, weight), fitted, rtol=1e-4, atol=1e-4)


def test_a_hand_without_weight_is_nowhere_but_finite():
    found, true = hands(1, 2)
    assert aligned_by(found, true, torch.zeros(1, 21)).isfinite().all()
