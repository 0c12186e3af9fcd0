"""Random numbers on one device from one seed."""

import math

import torch
from torch import Tensor


class Draw:
    """Short names for draws from one torch generator."""

    def __init__(self, seed: int, device: torch.device | str) -> None:
        self.device = torch.device(device)
        self.generator = torch.Generator(self.device).manual_seed(seed)

    def uniform(self, *shape: int) -> Tensor:
        """Uniform in [0, 1)."""
        return torch.rand(*shape, generator=self.generator, device=self.device)

    def between(self, low: float, high: float, *shape: int) -> Tensor:
        """Uniform in [low, high)."""
        return low + (high - low) * self.uniform(*shape)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal."""
        return torch.randn(*shape, generator=self.generator, device=self.device)

    def index(self, below: int, *shape: int) -> Tensor:
        """Whole numbers in [0, below)."""
        return torch.randint(below, shape, generator=self.generator, device=self.device)

    def by_weight(self, weights: Tensor, count: int) -> Tensor:
        """Whole numbers (count,), each as often as its weight among the weights (N,) tells."""
        return weights.multinomial(count, replacement=True, generator=self.generator)

    def chance(self, share: float, *shape: int) -> Tensor:
        """True for about `share` of the draws."""
        return self.uniform(*shape) < share

    def rows(self, share: float, count: int) -> Tensor:
        """Which of `count` rows are chosen: `share` of them, rounded up, each at most once."""
        order = torch.randperm(count, generator=self.generator, device=self.device)
        return order[: math.ceil(share * count)]
