import torch
from torch.nn import functional as F

from dfmamba.synth.surface.harmonics import harmonics


def test_harmonics_are_orthonormal():
    count = 200_000
    make = torch.Generator().manual_seed(0)
    ways = F.normalize(torch.randn(count, 3, generator=make), dim=-1)
    values = harmonics(ways)
    products = 4 * torch.pi / count * values.T @ values
    torch.testing.assert_close(products, torch.eye(9), atol=0.02, rtol=0)
