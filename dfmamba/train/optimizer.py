"""The optimizer: Muon (Jordan et al. 2024) for the hidden layers' matrices, AdamW for the rest."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5
"""Of Newton and Schulz, as in Jordan et al.: all singular values end between 0.7 and 1.2."""
LIKE_ADAM = 0.2
"""The size of an update's elements, as AdamW's are: both take the same rate (Liu et al. 2025)."""
OFFSETS_RATE = 0.1
"""The learning rate of the scans' offsets, of the others', as in Zhu et al. 2021 (Deformable DETR).

An anchor that has left the picture reads zeros and has no gradient that would bring it back.
"""


class Muon(torch.optim.AdamW):
    """AdamW whose groups with `orthogonal` set move by Muon instead.

    A group's `share_of_rate` is for whoever sets the rate. Convolutions count as matrices of
    (output channels, everything else), transposed ones of (input channels, everything else).
    """

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # noqa: ARG002
        """Move all parameters by their gradients, which they must have."""
        groups = self.param_groups
        self.param_groups = [group for group in groups if not group["orthogonal"]]
        super().step()
        self.param_groups = groups
        for group in groups:
            if group["orthogonal"]:
                self._move(group)

    def _move(self, group: dict[str, Any]) -> None:
        parameters: list[Tensor] = group["params"]
        gradients = [p.grad for p in parameters if p.grad is not None]
        averages = [self._average(p) for p in parameters]
        torch._foreach_lerp_(averages, gradients, 1 - MOMENTUM)
        ahead = torch._foreach_lerp(gradients, averages, MOMENTUM)
        torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
        alike: dict[torch.Size, list[tuple[Tensor, Tensor]]] = defaultdict(list)
        for parameter, update in zip(map(_matrix, parameters), map(_matrix, ahead), strict=True):
            alike[parameter.shape].append((parameter, update))
        for shape, pairs in alike.items():  # together: many small matrices would leave a GPU idle
            updates = orthogonal(torch.stack([update for _, update in pairs]))
            rate = group["lr"] * LIKE_ADAM * max(shape) ** 0.5
            torch._foreach_add_([each for each, _ in pairs], list(updates), alpha=-rate)

    def _average(self, parameter: Tensor) -> Tensor:
        state: dict[str, Tensor] = self.state[parameter]
        if "momentum" not in state:
            # AdamW looks for a step in every state that it is given.
            state.update(momentum=torch.zeros_like(parameter), step=torch.tensor(0.0))
        return state["momentum"]


def _matrix(weight: Tensor) -> Tensor:
    """A weight as a matrix that shares its memory; convolutions' are channels-last."""
    return weight.permute(0, 2, 3, 1).flatten(1) if weight.dim() == 4 else weight


def orthogonal(matrices: Tensor) -> Tensor:
    """The nearest matrices (B, m, n) with all singular values about 1, bf16 inside."""
    x = matrices.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp_min(1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(ITERATIONS):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return (x.mT if tall else x).to(matrices.dtype)


def optimizer(networks: nn.Module, weight_decay: float, fused: bool) -> Muon:
    """Muon and AdamW for all parameters; biases, norms, and the scans' A and D do not decay.

    Muon moves matrices but for those that a backbone or a decoder keeps from it.
    """
    kept: set[nn.Parameter] = set()
    for part in networks.modules():
        for wanted in getattr(part, "kept_from_muon", ()):
            kept.update(each for name, each in part.named_parameters() if wanted in name)
    groups: dict[tuple[bool, float, float], list[nn.Parameter]] = defaultdict(list)
    for name, parameter in networks.named_parameters():
        hidden = parameter.dim() in (2, 4) and parameter not in kept
        decays = parameter.dim() > 1 and not name.endswith(("A_log", ".D"))
        share = OFFSETS_RATE if ".to_offsets." in name else 1.0
        groups[hidden, weight_decay * decays, share].append(parameter)
    return Muon([_group(*kind, parameters) for kind, parameters in groups.items()], fused=fused)


def _group(
    orthogonal: bool, weight_decay: float, share: float, parameters: Iterable[nn.Parameter]
) -> dict[str, Any]:
    return {
        "params": parameters,
        "orthogonal": orthogonal,
        "weight_decay": weight_decay,
        "share_of_rate": share,
    }
