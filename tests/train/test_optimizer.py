import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_network import TINY
from torch import nn

from dfmamba.model import HandNetwork
from dfmamba.train.optimizer import optimizer, orthogonal


@given(rows=st.integers(2, 12), columns=st.integers(2, 12), seed=st.integers(0, 9))
def test_orthogonal_keeps_directions_and_levels_their_strengths(rows, columns, seed):
    make = torch.Generator().manual_seed(seed)
    size = min(rows, columns)
    left = torch.linalg.qr(torch.randn(rows, size, generator=make))[0]
    right = torch.linalg.qr(torch.randn(columns, size, generator=make))[0]
    strengths = torch.linspace(1, 3, size)
    found = orthogonal((left * strengths @ right.mT)[None])[0]
    inside = left.mT @ found @ right  # near the identity, whatever the strengths were
    assert ((inside.diagonal() > 0.6) & (inside.diagonal() < 1.25)).all()
    assert (inside - inside.diagonal().diag()).abs().max() < 0.1


def test_each_parameter_moves_once_and_matrices_of_hidden_layers_by_muon():
    network = nn.ModuleList([HandNetwork(TINY)])
    made = optimizer(network, weight_decay=0.1, fused=False)
    held = [p for group in made.param_groups for p in group["params"]]
    assert len(held) == len({id(p) for p in held}) == len(list(network.parameters()))
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    for group in made.param_groups:
        group["lr"] = 1e-2 * group["share_of_rate"]
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    made.step()
    moved = {name: (p - before[name]).abs().mean().item() for name, p in network.named_parameters()}
    assert all(distance > 0 for distance in moved.values())
    offsets, weights = (
        next(v for name, v in moved.items() if part in name and name.endswith("bias"))
        for part in (".to_offsets.", ".to_weights.")
    )
    assert offsets == pytest.approx(0.1 * weights, rel=1e-3)
    # One direction only: an orthogonal update of rank one, far smaller than AdamW's 1e-2.
    assert moved["0.decoder.skips.0.weight"] < 5e-3


def test_muon_goes_downhill():
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(4, 16, 3), nn.ReLU(), nn.Conv2d(16, 4, 1)).to(
        memory_format=torch.channels_last
    )
    images = torch.randn(8, 4, 6, 6)
    wanted = images[:, :, 1:-1, 1:-1]
    made = optimizer(layers, weight_decay=0.0, fused=False)
    assert any(group["orthogonal"] for group in made.param_groups)
    losses = []
    for _ in range(60):
        made.zero_grad()
        loss = (layers(images) - wanted).square().mean()
        loss.backward()
        for group in made.param_groups:
            group["lr"] = 1e-2
        made.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
